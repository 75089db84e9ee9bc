using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Metadata;

namespace Philotes.SqlCatalog.Http;

/// <summary>
/// One request, its path split before it is decoded: a name may hold slashes and percent signs, which a server's own
/// decoding would mix up with the path's.
/// </summary>
internal sealed class CatalogRequest
{
    readonly ReadOnlyMemory<byte> _body;
    readonly Dictionary<string, string> _query = new(StringComparer.Ordinal);

    /// <param name="target">Path and query as they were sent.</param>
    public CatalogRequest(string method, string target, string? ifNoneMatch, ReadOnlyMemory<byte> body)
    {
        (Method, IfNoneMatch, _body) = (method, ifNoneMatch, body);
        var parts = target.Split('?', 2);
        RawPath = parts[0];
        Path = [.. RawPath[1..].Split('/').Select(Decode)];
        foreach (var pair in parts is [_, var query] ? query.Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            var named = pair.Split('=', 2);
            _query[Decode(named[0])] = named is [_, var value] ? Decode(value) : "";
        }
    }

    public string Method { get; }

    public string RawPath { get; }

    /// <summary>The decoded segments, without the empty one before the first slash.</summary>
    public string[] Path { get; }

    public string? IfNoneMatch { get; }

    /// <summary>Null when the parameter was not given; an empty one is given.</summary>
    public string? Query(string name) => _query.GetValueOrDefault(name);

    public bool Flag(string name) => string.Equals(Query(name), "true", StringComparison.OrdinalIgnoreCase);

    public Task<JsonObject> BodyAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(JsonFields.Parse(_body.Span));
    }

    /// <summary>Java's clients form-encode, so a plus sign is a space; a true plus arrives as %2B from everybody.</summary>
    static string Decode(string segment) => Uri.UnescapeDataString(segment.Replace('+', ' '));
}
