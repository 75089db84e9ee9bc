using System.Net;
using System.Net.Http.Headers;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// Sends one request once: follows no redirect, repeats nothing, keeps no cookies, reads the whole body within one deadline and one size limit. Every
/// failure of the way there and back is an answer (<see cref="RestAnswer.Silent"/>); only the caller's own cancellation is an exception.
/// </summary>
internal sealed class RestTransport(RestCatalogOptions options) : IDisposable
{
    readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => _http.Dispose();

    public async Task<RestAnswer> SendAsync(RestCall call, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = Request(call);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = await ReadBodyAsync(response.Content, either.Token);
            return new RestAnswer.Replied(Reply(response, body));
        }
        catch (OperationCanceledException silence) when (!cancellationToken.IsCancellationRequested)
        {
            return new RestAnswer.Silent($"No complete reply within {options.Timeout.TotalSeconds:0.#} s.", silence);
        }
        catch (HttpRequestException failure)
        {
            return new RestAnswer.Silent($"The connection failed ({failure.HttpRequestError}).", failure);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            return new RestAnswer.Silent("The reply broke off or could not be read.", failure);
        }
    }

    HttpRequestMessage Request(RestCall call)
    {
        var request = new HttpRequestMessage(call.Method, call.Uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (options.Token is { } token)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        foreach (var (name, value) in options.Headers.Concat(call.Headers))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (call.Body is { } body)
        {
            request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        return request;
    }

    async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var block = new byte[81920];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        for (int read; (read = await stream.ReadAsync(block, cancellationToken)) > 0;)
        {
            body.Write(block, 0, read);
            if (body.Length > options.ReplyBytesMax)
            {
                throw new InvalidDataException($"The reply is larger than {options.ReplyBytesMax} bytes.");
            }
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    RestReply Reply(HttpResponseMessage response, ReadOnlyMemory<byte> body) => new(
        (int)response.StatusCode,
        body,
        response.Content.Headers.ContentType?.MediaType ?? "no content type",
        response.Headers.Date,
        ETag(response),
        RetryAfter(response.Headers.RetryAfter),
        response.Headers.NonValidated.TryGetValues("Location", out var locations) ? locations.ToString() : null);

    /// <summary>
    /// Raw: the reference server sends its ETag without quotes, which the typed header drops. Its compression adds a suffix to the tag that it does not
    /// know again when the tag comes back.
    /// </summary>
    static string? ETag(HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.TryGetValues("ETag", out var tags))
        {
            return null;
        }

        var tag = tags.ToString();
        return tag.EndsWith("--gzip", StringComparison.Ordinal) ? tag[..^"--gzip".Length] : tag;
    }

    TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } wait } => wait,
        { Date: { } date } when date > options.Clock.GetUtcNow() => date - options.Clock.GetUtcNow(),
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };
}
