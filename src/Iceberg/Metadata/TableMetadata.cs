using System.Text.Json;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Metadata;

/// <summary>
/// The metadata of one version of one table (Iceberg spec, Table Metadata), versions 1 to 3. Read leniently: what a version or a catalog leaves out
/// has the value the specification gives it, unknown fields stay in <see cref="Document"/>. Never written: a catalog makes the next version from the
/// updates we send.
/// </summary>
public sealed class TableMetadata
{
    const int VersionMax = 3;
    IcebergSchema? _schema;
    IReadOnlyList<Snapshot>? _snapshots;

    /// <summary>The whole document as it was received.</summary>
    public required JsonElement Document { get; init; }

    public required int FormatVersion { get; init; }

    /// <summary><see cref="Guid.Empty"/> in a version 1 table that has none.</summary>
    public required Guid TableUuid { get; init; }

    /// <summary>Absolute URI without a slash at the end.</summary>
    public required string Location { get; init; }

    /// <summary>Zero in version 1.</summary>
    public required long LastSequenceNumber { get; init; }

    public required long LastUpdatedMs { get; init; }

    public required int LastColumnId { get; init; }

    public required int CurrentSchemaId { get; init; }

    public required int DefaultSpecId { get; init; }

    public required int LastPartitionId { get; init; }

    public required int DefaultSortOrderId { get; init; }

    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>Null when the table is empty, however the catalog writes that (null, absent, -1).</summary>
    public required long? CurrentSnapshotId { get; init; }

    /// <summary>The snapshots the catalog shows, oldest first as a rule; some catalogs show only the current one. Read when first asked for: there may be very many.</summary>
    /// <exception cref="IcebergFormatException">One of them is malformed.</exception>
    public IReadOnlyList<Snapshot> Snapshots => _snapshots ??= [.. Document.Items("snapshots").Select(Snapshot.Read)];

    public required IReadOnlyDictionary<string, SnapshotRef> Refs { get; init; }

    public IReadOnlyList<SnapshotLogEntry> SnapshotLog =>
        [.. Document.Items("snapshot-log").Select(entry => new SnapshotLogEntry(entry.Long("snapshot-id"), entry.Long("timestamp-ms")))];

    /// <summary>Version 3 only.</summary>
    public required long? NextRowId { get; init; }

    /// <summary>The head of <c>main</c>, or null when the table is empty.</summary>
    public Snapshot? CurrentSnapshot => CurrentSnapshotId is { } id
        ? FindSnapshot(id) ?? throw new IcebergFormatException($"The table's current snapshot {id} is not in its list of snapshots.")
        : null;

    /// <summary>The current schema, read when first asked for: a table whose types are newer than this library still loads.</summary>
    /// <exception cref="IcebergFormatException">The schema has a type that this library does not know.</exception>
    public IcebergSchema Schema => _schema ??= FindSchema(CurrentSchemaId)
        ?? throw new IcebergFormatException($"The table's current schema {CurrentSchemaId} is not in its list of schemas.");

    /// <summary>The spec of new files.</summary>
    public PartitionSpec DefaultSpec => FindById("partition-specs", "spec-id", DefaultSpecId) is { } spec
        ? PartitionSpec.Read(spec)
        : throw new IcebergFormatException($"The table's partition spec {DefaultSpecId} is not in its list of specs.");

    /// <summary>The order that new files should have.</summary>
    public SortOrder SortOrder => FindById("sort-orders", "order-id", DefaultSortOrderId) is { } order
        ? SortOrder.Read(order)
        : SortOrder.Unsorted;

    public SnapshotRef? MainRef => Refs.GetValueOrDefault(SnapshotRef.Main);

    public Snapshot? FindSnapshot(long snapshotId)
    {
        foreach (var item in Document.Items("snapshots"))
        {
            if (item.OptionalLong("snapshot-id") == snapshotId)
            {
                return Snapshot.Read(item);
            }
        }

        return null;
    }

    public IcebergSchema? FindSchema(int schemaId)
    {
        // Version 1 has one schema beside, or instead of, the list.
        var schema = FindById("schemas", "schema-id", schemaId)
            ?? (Document.Optional("schema") is { } only && (only.OptionalInt("schema-id") ?? 0) == schemaId ? only : null);
        return schema is { } json ? IcebergSchema.Read(json) : null;
    }

    /// <summary>The head of main, its parent, and so on, as far as the catalog still shows them.</summary>
    public IEnumerable<Snapshot> MainHistory()
    {
        if (CurrentSnapshot is not { } head)
        {
            yield break;
        }

        yield return head;
        var left = Snapshots.GroupBy(snapshot => snapshot.SnapshotId).ToDictionary(group => group.Key, group => group.First());
        for (var parent = head.ParentSnapshotId; parent is { } id && left.Remove(id, out var snapshot) && id != head.SnapshotId; parent = snapshot.ParentSnapshotId)
        {
            yield return snapshot;
        }
    }

    public static TableMetadata Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Read(JsonElement.Parse(utf8));
        }
        catch (JsonException malformed)
        {
            throw new IcebergFormatException("The table metadata is not JSON.", malformed);
        }
    }

    public static TableMetadata Read(JsonElement json)
    {
        json.RequireObject("table metadata");
        var version = json.Int("format-version");
        if (version is < 1 or > VersionMax)
        {
            throw new IcebergFormatException($"Table format version {version} is not known; this library reads versions 1 to {VersionMax}.");
        }

        _ = json.Items("snapshots");
        var refs = ReadRefs(json);
        return new TableMetadata
        {
            Document = json,
            FormatVersion = version,
            TableUuid = ReadUuid(json),
            Location = json.Text("location").TrimEnd('/'),
            LastSequenceNumber = json.OptionalLong("last-sequence-number") ?? 0,
            LastUpdatedMs = json.Long("last-updated-ms"),
            LastColumnId = json.Int("last-column-id"),
            CurrentSchemaId = json.OptionalInt("current-schema-id") ?? 0,
            DefaultSpecId = json.OptionalInt("default-spec-id") ?? 0,
            LastPartitionId = json.OptionalInt("last-partition-id") ?? 999,
            DefaultSortOrderId = json.OptionalInt("default-sort-order-id") ?? 0,
            Properties = json.TextMap("properties"),
            CurrentSnapshotId = Head(json, refs),
            Refs = refs,
            NextRowId = json.OptionalLong("next-row-id"),
        };
    }

    JsonElement? FindById(string list, string idField, int id)
    {
        foreach (var item in Document.Items(list))
        {
            if (item.OptionalInt(idField) == id)
            {
                return item;
            }
        }

        return null;
    }

    static Guid ReadUuid(JsonElement json) => json.OptionalText("table-uuid") switch
    {
        null => Guid.Empty,
        { } text when Guid.TryParse(text, out var uuid) => uuid,
        { } text => throw new IcebergFormatException($"The table-uuid '{text}' is not a UUID."),
    };

    static Dictionary<string, SnapshotRef> ReadRefs(JsonElement json) =>
        json.Fields("refs").ToDictionary(field => field.Name, field => SnapshotRef.Read(field.Value), StringComparer.Ordinal);

    static long? Head(JsonElement json, Dictionary<string, SnapshotRef> refs) =>
        json.OptionalLong("current-snapshot-id") is { } id and not -1 ? id : refs.GetValueOrDefault(SnapshotRef.Main)?.SnapshotId;
}
