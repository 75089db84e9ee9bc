using Philotes.Iceberg.Manifests;

namespace Philotes.Iceberg.Planning;

/// <summary>What one attempt of an append will write.</summary>
/// <param name="ParentSnapshotId">The head that the commit must assert; null when the table has no snapshot.</param>
/// <param name="NewManifests">One per partition spec of the new files; none for an empty snapshot.</param>
/// <param name="Existing">The head's manifests in the new list's order: a group of one is kept, a larger group is merged into one.</param>
public sealed record AppendPlan(
    long SnapshotId,
    long? ParentSnapshotId,
    long SequenceNumber,
    long TimestampMs,
    int SchemaId,
    IReadOnlyList<PlannedManifest> NewManifests,
    IReadOnlyList<IReadOnlyList<ManifestFile>> Existing,
    IReadOnlyDictionary<string, string> Summary);
