using System.Text.Json.Nodes;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Stores;

/// <summary>
/// A catalog that gives access to tables' files in the way a test says: the reference server, with other words about credentials in its answers. It also
/// signs requests for those who have no keys.
/// </summary>
internal sealed class GrantingCatalog : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly ReferenceCatalog _catalog;
    private readonly S3Server _store;
    private readonly Action<JsonObject> _grant;
    private readonly HttpDouble _server;

    private GrantingCatalog(ReferenceCatalog catalog, S3Server store, Action<JsonObject> grant)
    {
        (_catalog, _store, _grant) = (catalog, store, grant);
        _server = HttpDouble.Start(AnswerAsync);
    }

    public Uri Uri => _server.Uri;

    public IReadOnlyList<ProxiedRequest> Requests => _server.Requests;

    /// <summary>How many requests for stores it signed.</summary>
    public int Signed { get; private set; }

    /// <param name="grant">Writes into each answer that holds a table; what the reference server grants is gone from it before.</param>
    public static async Task<GrantingCatalog> StartAsync(S3Server store, string bucket, Action<JsonObject> grant) =>
        new(await ReferenceCatalog.StartAsync(store, bucket), store, grant);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _http.Dispose();
        await _catalog.DisposeAsync();
    }

    private async Task<HttpDoubleReply> AnswerAsync(ProxiedRequest request)
    {
        if (request.Target.EndsWith("/v1/aws/s3/sign", StringComparison.Ordinal))
            return Sign(JsonNode.Parse(request.Text)!.AsObject());
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_catalog.Uri.GetLeftPart(UriPartial.Authority) + request.Target));
        if (request.Body.Length > 0)
        {
            message.Content = new ByteArrayContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        using var reply = await _http.SendAsync(message);
        var text = await reply.Content.ReadAsStringAsync();
        if (text.Contains("\"metadata\":{", StringComparison.Ordinal))
        {
            var table = JsonNode.Parse(text)!.AsObject();
            table["config"] = new JsonObject();
            table.Remove("storage-credentials");
            _grant(table);
            text = table.ToJsonString();
        }

        return new HttpDoubleReply((int)reply.StatusCode, text) { Headers = new Dictionary<string, string> { ["Date"] = DateTimeOffset.UtcNow.ToString("R") } };
    }

    private HttpDoubleReply Sign(JsonObject asked)
    {
        Signed++;
        var uri = new Uri(asked["uri"]!.GetValue<string>(), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var headers = asked["headers"]!.AsObject().ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value![0]!.GetValue<string>());
        var time = DateTimeOffset.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'");
        headers["x-amz-date"] = time;
        var signed = headers.Where(header => header.Key is "host" or "content-md5" || header.Key.StartsWith("x-amz-", StringComparison.Ordinal)).ToDictionary();
        var region = asked["region"]!.GetValue<string>();
        var signature = AwsSignature.Of(asked["method"]!.GetValue<string>(), uri.PathAndQuery, signed, headers["x-amz-content-sha256"], _store.SecretKey, "s3", region, encodePathTwice: false);
        var names = string.Join(';', signed.Keys.Order(StringComparer.Ordinal));
        return new HttpDoubleReply(200, new JsonObject
        {
            ["uri"] = uri.AbsoluteUri,
            ["headers"] = new JsonObject
            {
                ["x-amz-date"] = new JsonArray(time),
                ["Authorization"] = new JsonArray($"AWS4-HMAC-SHA256 Credential={_store.AccessKey}/{time[..8]}/{region}/s3/aws4_request, SignedHeaders={names}, Signature={signature}"),
            },
        }.ToJsonString());
    }
}
