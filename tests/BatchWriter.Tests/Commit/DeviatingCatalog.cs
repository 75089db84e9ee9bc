using System.Globalization;
using System.Text.Json.Nodes;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Commit;

/// <summary>
/// A catalog that behaves as measured ones do where they leave the specification: our embedded one, behind a server that refuses, ignores and changes what they
/// refuse, ignore and change. It looks into each request before it is passed on, and into each answer before it goes back.
/// </summary>
internal sealed class DeviatingCatalog : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly Uri _upstream;
    private readonly HttpDouble _server;

    private DeviatingCatalog(Uri upstream)
    {
        _upstream = upstream;
        _server = HttpDouble.Start(AnswerAsync);
    }

    public Uri Uri => _server.Uri;

    public IReadOnlyList<ProxiedRequest> Requests => _server.Requests;

    /// <summary>May answer itself; null passes the request on, with what was changed in its body.</summary>
    public Func<ProxiedRequest, JsonObject?, HttpDoubleReply?> Before { get; init; } = (_, _) => null;

    /// <summary>May change the body of an answer.</summary>
    public Action<ProxiedRequest, JsonObject> After { get; init; } = (_, _) => { };

    /// <summary>Path in front of <c>v1</c> and of what follows it, which clients learn from the configuration alone.</summary>
    public string Prefix { get; init; } = "";

    public string? Date { get; init; }

    public static DeviatingCatalog Start(Uri upstream, Func<ProxiedRequest, JsonObject?, HttpDoubleReply?>? before = null, Action<ProxiedRequest, JsonObject>? after = null, string prefix = "", string? date = null) =>
        new(upstream) { Before = before ?? ((_, _) => null), After = after ?? ((_, _) => { }), Prefix = prefix, Date = date };

    public static HttpDoubleReply Error(int status, string type, string message) => new(status, new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["code"] = status },
    }.ToJsonString());

    public static bool IsTable(ProxiedRequest request) => request.Target.Contains("/tables/", StringComparison.Ordinal);

    public static bool IsCommit(ProxiedRequest request) => request.Method == "POST" && IsTable(request);

    public static bool IsCreate(ProxiedRequest request) => request.Method == "POST" && request.Target.EndsWith("/tables", StringComparison.Ordinal);

    /// <summary>The parts of a commit of one kind.</summary>
    public static IEnumerable<JsonObject> Parts(JsonObject? body, string list, string key, string kind) =>
        (body?[list] as JsonArray ?? []).Select(part => part!.AsObject()).Where(part => part[key]?.GetValue<string>() == kind);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _http.Dispose();
    }

    private async Task<HttpDoubleReply> AnswerAsync(ProxiedRequest request)
    {
        var body = request.Body.Length > 0 ? JsonNode.Parse(request.Text)!.AsObject() : null;
        if (Before(request, body) is { } own)
            return Dated(own);
        if (Prefix.Length > 0 && !request.Target.StartsWith("/v1/config", StringComparison.Ordinal) && !request.Target.StartsWith($"/v1/{Prefix}/", StringComparison.Ordinal))
            return Dated(Error(404, "NoSuchPath", $"no prefix in {request.Target}"));
        var target = Prefix.Length > 0 ? request.Target.Replace($"/v1/{Prefix}/", "/v1/", StringComparison.Ordinal) : request.Target;
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_upstream.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        message.Content = body is null ? null : new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var reply = await _http.SendAsync(message);
        var text = await reply.Content.ReadAsStringAsync();
        if (text.StartsWith('{'))
        {
            var answer = JsonNode.Parse(text)!.AsObject();
            After(request, answer);
            text = answer.ToJsonString();
        }

        return Dated(new HttpDoubleReply((int)reply.StatusCode, text));
    }

    private HttpDoubleReply Dated(HttpDoubleReply reply) =>
        reply with { Headers = new Dictionary<string, string> { ["Date"] = Date ?? DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture) } };
}
