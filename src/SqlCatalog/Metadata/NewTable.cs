using System.Globalization;
using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>
/// The first document of a table. The catalog gives every id: fields breadth-first per struct from 1, partition fields from
/// 1000, whatever the request says. Spec and sort order refer to the request's ids and are carried over by them.
/// </summary>
internal static class NewTable
{
    public const int FormatVersionDefault = 2;
    public const int FormatVersionMax = 3;

    public static JsonObject Create(JsonObject request, string uuid, string location, long nowMs)
    {
        var properties = request.TextMap("properties");
        var draft = TableDraft.Empty(FormatVersionOf(properties), nowMs);
        var ids = new FreshIds();
        var schema = ids.Give(request.Part("schema"));
        var document = draft.Document;
        document["table-uuid"] = uuid;
        document["location"] = location;
        document["last-column-id"] = 0;
        document["properties"] = TableUpdates.WithoutReserved(request.OptionalPart("properties") ?? []);
        SchemaUpdates.Add(draft, new JsonObject { ["schema"] = schema });
        SchemaUpdates.SetCurrent(draft, new JsonObject { ["schema-id"] = SchemaUpdates.LastAdded });
        var spec = ids.Rewrite(request.OptionalPart("partition-spec"));
        foreach (var field in spec.Objects("fields"))
            field.Remove("field-id");
        document["last-partition-id"] = PartitionUpdates.FieldIdBeforeFirst;
        PartitionUpdates.AddSpec(draft, new JsonObject { ["spec"] = spec });
        PartitionUpdates.SetDefaultSpec(draft, new JsonObject { ["spec-id"] = SchemaUpdates.LastAdded });
        SortOrderUpdates.Add(draft, new JsonObject { ["sort-order"] = ids.Rewrite(request.OptionalPart("write-order")) });
        SortOrderUpdates.SetDefault(draft, new JsonObject { ["sort-order-id"] = SchemaUpdates.LastAdded });
        draft.Complete();
        return document;
    }

    static int FormatVersionOf(Dictionary<string, string> properties)
    {
        if (!properties.TryGetValue("format-version", out var text))
            return FormatVersionDefault;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version is >= 1 and <= FormatVersionMax
            ? version
            : throw CatalogException.BadRequest($"Unsupported format version: v{text} (supported: v{FormatVersionMax})");
    }
}
