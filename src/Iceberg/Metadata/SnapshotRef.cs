using System.Text.Json;

namespace Philotes.Iceberg.Metadata;

/// <summary>
/// A branch or a tag. A commit replaces the whole reference: whoever moves one copies the retention fields (<c>existing with { SnapshotId = … }</c>),
/// or erases the owner's retention policy.
/// </summary>
public sealed record SnapshotRef(string Type, long SnapshotId, int? MinSnapshotsToKeep = null, long? MaxSnapshotAgeMs = null, long? MaxRefAgeMs = null)
{
    public const string Main = "main";

    public static SnapshotRef Branch(long snapshotId) => new("branch", snapshotId);

    public static SnapshotRef Tag(long snapshotId) => new("tag", snapshotId);

    public static SnapshotRef Read(JsonElement json)
    {
        json.RequireObject("snapshot reference");
        return new SnapshotRef(json.OptionalText("type") ?? "branch", json.Long("snapshot-id"), json.OptionalInt("min-snapshots-to-keep"),
            json.OptionalLong("max-snapshot-age-ms"), json.OptionalLong("max-ref-age-ms"));
    }

    /// <summary>Writes the fields into an object that is already open: an update puts its own fields beside them.</summary>
    public void WriteFields(Utf8JsonWriter json)
    {
        json.WriteString("type", Type);
        json.WriteNumber("snapshot-id", SnapshotId);
        WriteOptional(json, "min-snapshots-to-keep", MinSnapshotsToKeep);
        WriteOptional(json, "max-snapshot-age-ms", MaxSnapshotAgeMs);
        WriteOptional(json, "max-ref-age-ms", MaxRefAgeMs);
    }

    static void WriteOptional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
