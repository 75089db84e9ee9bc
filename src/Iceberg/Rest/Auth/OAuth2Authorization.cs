using System.Text.Json;
using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// OAuth2 client credentials (RFC 6749, 4.4): <c>grant_type=client_credentials&amp;client_id&amp;client_secret&amp;scope</c> as a form. The token is kept until a
/// minute, or a tenth of its life, before it ends; one request fetches it, however many wait. A refused token is forgotten, if nobody has fetched a newer
/// one meanwhile.
/// </summary>
internal sealed class OAuth2Authorization(RestAuth.ClientCredentials client, RestCatalogOptions options, HttpClient http) : RestAuthorization
{
    const long TokenReplyBytesMax = 1 << 20;
    static readonly TimeSpan LifeWhenUnsaid = TimeSpan.FromMinutes(5);
    static readonly TimeSpan EarlyMax = TimeSpan.FromMinutes(1);

    readonly SemaphoreSlim _one = new(1, 1);
    volatile Token? _token;

    public override async Task<RestAnswer?> AuthorizeAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var (token, failure) = await TokenAsync(cancellationToken);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token.Text);
        }

        return failure;
    }

    public override void Refused() => _token = null;

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    async Task<(Token? Token, RestAnswer? Failure)> TokenAsync(CancellationToken cancellationToken)
    {
        if (_token is { } kept && options.Clock.GetUtcNow() < kept.RenewAt)
        {
            return (kept, null);
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_token is { } fetched && options.Clock.GetUtcNow() < fetched.RenewAt)
            {
                return (fetched, null);
            }

            var answer = await AskAsync(cancellationToken);
            return answer is RestAnswer.Replied { Reply: { IsSuccess: true } reply } ? Keep(reply) : (null, AsRefusal(answer));
        }
        finally
        {
            _one.Release();
        }
    }

    async Task<RestAnswer> AskAsync(CancellationToken cancellationToken)
    {
        var secret = client.ClientSecret();
        var form = new List<KeyValuePair<string, string>>
        {
            new("grant_type", "client_credentials"), new("client_id", client.ClientId), new("client_secret", secret), new("scope", client.Scope),
        };
        form.AddRange(client.Audience is { } audience ? [new("audience", audience)] : []);
        form.AddRange(client.Resource is { } resource ? [new("resource", resource)] : []);
        var uri = client.TokenUri ?? new Uri(options.Uri.AbsoluteUri.TrimEnd('/') + "/v1/oauth/tokens");
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Accept.ParseAdd("application/json");
        return await RestExchange.SendAsync(http, request, options, TokenReplyBytesMax, cancellationToken, secret);
    }

    (Token? Token, RestAnswer? Failure) Keep(RestReply reply)
    {
        try
        {
            var json = RestBodies.Parse(reply);
            var life = json.Optional("expires_in") is { ValueKind: JsonValueKind.Number } seconds ? TimeSpan.FromSeconds(seconds.GetDouble()) : LifeWhenUnsaid;
            var early = life / 10 < EarlyMax ? life / 10 : EarlyMax;
            _token = new Token(json.Text("access_token"), options.Clock.GetUtcNow() + life - early);
            return (_token, null);
        }
        catch (IcebergFormatException unreadable)
        {
            return (null, new RestAnswer.Silent("The identity provider's reply holds no token.", unreadable));
        }
    }

    /// <summary>A provider that does not know us says 400; for the request that needed the token that is 401.</summary>
    static RestAnswer AsRefusal(RestAnswer answer) => answer is RestAnswer.Replied { Reply: { Status: >= 400 and < 500 and not (408 or 425 or 429) } reply }
        ? new RestAnswer.Replied(reply with { Status = 401 })
        : answer;

    sealed record Token(string Text, DateTimeOffset RenewAt)
    {
        public override string ToString() => "token";
    }
}
