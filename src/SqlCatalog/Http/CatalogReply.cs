using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Http;

/// <summary>What goes back: a status, and a body or none.</summary>
internal sealed record CatalogReply(int Status, JsonNode? Body = null, string? ETag = null)
{
    public static readonly CatalogReply NoContent = new(204);

    public static CatalogReply Ok(JsonNode body) => new(200, body);
}
