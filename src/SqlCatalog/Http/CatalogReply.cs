using System.Text.Json;
using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Http;

/// <summary>What goes back: a status, and a body or none.</summary>
internal sealed record CatalogReply(int Status, JsonNode? Body = null, string? ETag = null)
{
    /// <summary>What stands under <c>metadata</c> in the body, as bytes that are there already: a large table's are not written out twice.</summary>
    public ReadOnlyMemory<byte>? WrittenMetadata { get; init; }

    public static readonly CatalogReply NoContent = new(204);

    public static CatalogReply Ok(JsonNode body) => new(200, body);

    public void WriteTo(Utf8JsonWriter json)
    {
        if (WrittenMetadata is not { } written)
        {
            Body!.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        foreach (var (name, value) in Body!.AsObject())
        {
            json.WritePropertyName(name);
            if (name == "metadata")
                json.WriteRawValue(written.Span, skipInputValidation: true);
            else if (value is null)
                json.WriteNullValue();
            else
                value.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
