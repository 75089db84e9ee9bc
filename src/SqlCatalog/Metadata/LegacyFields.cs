using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>
/// The fields that only format version 1 has, beside those that replaced them. Older documents may have only the old ones;
/// everything else in this project sees only the new ones.
/// </summary>
internal static class LegacyFields
{
    /// <summary>Brings a document that somebody else wrote to the shape of today.</summary>
    public static void Read(JsonObject document)
    {
        if (document["schemas"] is null && document.OptionalPart("schema") is { } schema)
        {
            var first = schema.DeepClone().AsObject();
            first["schema-id"] ??= 0;
            document["current-schema-id"] = first.Whole("schema-id");
            document["schemas"] = new JsonArray(first);
        }

        if (document["partition-specs"] is null && document["partition-spec"] is JsonArray fields)
        {
            document["partition-specs"] = new JsonArray(new JsonObject { ["spec-id"] = 0, ["fields"] = fields.DeepClone() });
            document["default-spec-id"] = 0;
        }

        if (document["sort-orders"] is null)
        {
            document["sort-orders"] = new JsonArray(new JsonObject { ["order-id"] = 0, ["fields"] = new JsonArray() });
            document["default-sort-order-id"] = 0;
        }

        document["last-partition-id"] ??= document.Objects("partition-specs").SelectMany(s => s.Objects("fields"))
            .Select(f => f.OptionalWhole("field-id") ?? 0).Append(PartitionUpdates.FieldIdBeforeFirst).Max();
        if (document.OptionalWhole("current-snapshot-id") is { } head)
        {
            document["refs"] ??= new JsonObject();
            if (head < 0)
                document.Remove("current-snapshot-id");
            else
                document.Part("refs")[TableDraft.Main] ??= new JsonObject { ["snapshot-id"] = head, ["type"] = "branch" };
        }
    }

    /// <summary>Keeps version 1's mirrors true, and later versions free of them.</summary>
    public static void Write(JsonObject document)
    {
        document.Remove("schema");
        document.Remove("partition-spec");
        if (document.Whole("format-version") > 1)
            return;
        document["schema"] = document.Find("schemas", "schema-id", document.Whole("current-schema-id"))?.DeepClone();
        document["partition-spec"] = document.Find("partition-specs", "spec-id", document.Whole("default-spec-id"))?["fields"]?.DeepClone();
    }
}
