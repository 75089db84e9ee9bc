using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Metadata;

/// <summary>
/// The updates of a commit ("REST catalog specification, TableUpdate"), one method each, applied in the order given.
/// An update that we do not know refuses the request: applying the rest would be a different commit.
/// </summary>
internal static class TableUpdates
{
    /// <summary>Words that describe a document and would contradict it as properties.</summary>
    static readonly HashSet<string> Reserved =
    [
        "format-version", "uuid", "snapshot-count", "current-snapshot-summary", "current-snapshot-id",
        "current-snapshot-timestamp-ms", "current-schema", "default-partition-spec", "default-sort-order",
    ];

    public static void Apply(TableDraft draft, JsonObject update)
    {
        Action<TableDraft, JsonObject> apply = update.Text("action") switch
        {
            "assign-uuid" => AssignUuid,
            "upgrade-format-version" => UpgradeFormatVersion,
            "set-location" => static (d, u) => d.Document["location"] = u.Text("location").TrimEnd('/'),
            "set-properties" => SetProperties,
            "remove-properties" => RemoveProperties,
            "add-schema" => SchemaUpdates.Add,
            "set-current-schema" => SchemaUpdates.SetCurrent,
            "remove-schemas" => SchemaUpdates.Remove,
            "add-spec" => PartitionUpdates.AddSpec,
            "set-default-spec" => PartitionUpdates.SetDefaultSpec,
            "remove-partition-specs" => PartitionUpdates.RemoveSpecs,
            "add-sort-order" => SortOrderUpdates.Add,
            "set-default-sort-order" => SortOrderUpdates.SetDefault,
            "add-snapshot" => SnapshotUpdates.Add,
            "remove-snapshots" => SnapshotUpdates.Remove,
            "set-snapshot-ref" => SnapshotUpdates.SetRef,
            "remove-snapshot-ref" => SnapshotUpdates.RemoveRef,
            "set-statistics" => static (d, u) => Replace(d, "statistics", "snapshot-id", u.Part("statistics")),
            "remove-statistics" => static (d, u) => RemoveById(d, "statistics", u.Whole("snapshot-id")),
            "set-partition-statistics" => static (d, u) => Replace(d, "partition-statistics", "snapshot-id", u.Part("partition-statistics")),
            "remove-partition-statistics" => static (d, u) => RemoveById(d, "partition-statistics", u.Whole("snapshot-id")),
            "add-encryption-key" => AddEncryptionKey,
            "remove-encryption-key" => static (d, u) => d.Document.RemoveWhere("encryption-keys", k => k.OptionalText("key-id") == u.Text("key-id")),
            var unknown => throw CatalogException.BadRequest($"Cannot convert metadata update action to apply: {unknown}"),
        };
        apply(draft, update);
    }

    public static JsonObject WithoutReserved(JsonObject properties) =>
        properties.TextMap().Where(p => !Reserved.Contains(p.Key)).ToJson();

    static Dictionary<string, string> TextMap(this JsonObject properties) => new JsonObject { ["p"] = properties.DeepClone() }.TextMap("p");

    static void AssignUuid(TableDraft draft, JsonObject update)
    {
        var uuid = update.Text("uuid");
        if (draft.Document.OptionalText("table-uuid") is { } existing && !string.Equals(existing, uuid, StringComparison.OrdinalIgnoreCase))
            throw CatalogException.BadRequest("Cannot reassign uuid");
        draft.Document["table-uuid"] = uuid;
    }

    static void UpgradeFormatVersion(TableDraft draft, JsonObject update)
    {
        var version = update.Whole("format-version");
        if (version > NewTable.FormatVersionMax)
            throw CatalogException.BadRequest($"Cannot upgrade table to unsupported format version: v{version} (supported: v{NewTable.FormatVersionMax})");
        if (version < draft.FormatVersion)
            throw CatalogException.BadRequest($"Cannot downgrade v{draft.FormatVersion} table to v{version}");
        draft.Document["format-version"] = version;
        if (version > 1)
            draft.Document["last-sequence-number"] ??= 0;
        if (version > 2)
            draft.Document["next-row-id"] ??= 0;
    }

    static void SetProperties(TableDraft draft, JsonObject update)
    {
        draft.Document["properties"] ??= new JsonObject();
        foreach (var (key, value) in update.TextMap("updates").Where(p => !Reserved.Contains(p.Key)))
            draft.Document.Part("properties")[key] = value;
    }

    static void RemoveProperties(TableDraft draft, JsonObject update)
    {
        foreach (var key in update.Texts("removals"))
            draft.Document.OptionalPart("properties")?.Remove(key);
    }

    static void AddEncryptionKey(TableDraft draft, JsonObject update)
    {
        var key = update.Part("encryption-key");
        draft.Document.RemoveWhere("encryption-keys", k => k.OptionalText("key-id") == key.Text("key-id"));
        draft.Document.List("encryption-keys").Add(key.DeepClone());
    }

    static void Replace(TableDraft draft, string list, string idField, JsonObject file)
    {
        RemoveById(draft, list, file.Whole(idField));
        draft.Document.List(list).Add(file.DeepClone());
    }

    static void RemoveById(TableDraft draft, string list, long snapshotId)
    {
        if (draft.Document[list] is not null)
            draft.Document.RemoveWhere(list, f => f.OptionalWhole("snapshot-id") == snapshotId);
    }
}
