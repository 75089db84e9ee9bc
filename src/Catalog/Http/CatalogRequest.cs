using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Philotes.Catalog.Metadata;

namespace Philotes.Catalog.Http;

/// <summary>
/// One request, its path split before it is decoded: a name may hold slashes and percent signs, which a server's own
/// decoding would mix up with the path's.
/// </summary>
internal sealed class CatalogRequest
{
    readonly HttpContext _context;

    public CatalogRequest(HttpContext context)
    {
        _context = context;
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        RawPath = string.IsNullOrEmpty(target) || target[0] != '/' ? context.Request.Path.ToUriComponent() : target.Split('?', 2)[0];
        Path = [.. RawPath[1..].Split('/').Select(Decode)];
    }

    public string Method => _context.Request.Method;

    public string RawPath { get; }

    /// <summary>The decoded segments, without the empty one before the first slash.</summary>
    public string[] Path { get; }

    public string? IfNoneMatch => _context.Request.Headers.IfNoneMatch;

    /// <summary>Null when the parameter was not given; an empty one is given.</summary>
    public string? Query(string name) => _context.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    public bool Flag(string name) => string.Equals(Query(name), "true", StringComparison.OrdinalIgnoreCase);

    public async Task<JsonObject> BodyAsync(CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await _context.Request.Body.CopyToAsync(bytes, cancellationToken);
        return JsonFields.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Java's clients form-encode, so a plus sign is a space; a true plus arrives as %2B from everybody.</summary>
    static string Decode(string segment) => Uri.UnescapeDataString(segment.Replace('+', ' '));
}
