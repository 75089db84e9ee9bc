using System.Text.Json;

namespace Philotes.Iceberg.Metadata;

/// <summary>
/// One snapshot of a table (Iceberg spec, Snapshots). Read leniently: a version 1 snapshot has no sequence number (0) and may list its manifests
/// inline (<see cref="ManifestList"/> is null then). Written strictly: what we send always has a manifest list and an operation.
/// </summary>
public sealed record Snapshot
{
    public required long SnapshotId { get; init; }

    /// <summary>Null for the first snapshot of a branch.</summary>
    public long? ParentSnapshotId { get; init; }

    public long SequenceNumber { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC, by the clock of the writer.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>Absolute URI of the manifest list. Null only in version 1 tables that list manifests inline.</summary>
    public string? ManifestList { get; init; }

    /// <summary>All values are strings, numbers among them; a snapshot that we send must contain <c>operation</c>.</summary>
    public required IReadOnlyDictionary<string, string> Summary { get; init; }

    public int? SchemaId { get; init; }

    /// <summary>Version 3 only: the first row id this snapshot assigned.</summary>
    public long? FirstRowId { get; init; }

    /// <summary>Version 3 only: how many row ids this snapshot assigned.</summary>
    public long? AddedRows { get; init; }

    /// <summary><c>append</c>, <c>overwrite</c>, <c>delete</c>, <c>replace</c>, or null where a version 1 writer left it out.</summary>
    public string? Operation => Summary.GetValueOrDefault("operation");

    public static Snapshot Read(JsonElement json)
    {
        json.RequireObject("snapshot");
        return new Snapshot
        {
            SnapshotId = json.Long("snapshot-id"),
            ParentSnapshotId = json.OptionalLong("parent-snapshot-id") is { } parent and not -1 ? parent : null,
            SequenceNumber = json.OptionalLong("sequence-number") ?? 0,
            TimestampMs = json.Long("timestamp-ms"),
            ManifestList = json.OptionalText("manifest-list"),
            Summary = json.TextMap("summary"),
            SchemaId = json.OptionalInt("schema-id"),
            FirstRowId = json.OptionalLong("first-row-id"),
            AddedRows = json.OptionalLong("added-rows"),
        };
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("snapshot-id", SnapshotId);
        WriteOptional(json, "parent-snapshot-id", ParentSnapshotId);
        json.WriteNumber("sequence-number", SequenceNumber);
        json.WriteNumber("timestamp-ms", TimestampMs);
        json.WriteString("manifest-list", ManifestList ?? throw new InvalidOperationException($"Snapshot {SnapshotId} has no manifest list; it cannot be sent."));
        WriteSummary(json);
        WriteOptional(json, "schema-id", SchemaId);
        WriteOptional(json, "first-row-id", FirstRowId);
        WriteOptional(json, "added-rows", AddedRows);
        json.WriteEndObject();
    }

    void WriteSummary(Utf8JsonWriter json)
    {
        if (Operation is null)
        {
            throw new InvalidOperationException($"Snapshot {SnapshotId} has no operation in its summary; it cannot be sent.");
        }

        json.WriteStartObject("summary");
        foreach (var (key, value) in Summary)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    static void WriteOptional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
