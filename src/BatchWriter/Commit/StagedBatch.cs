using Philotes.Iceberg.Manifests;

namespace Philotes.BatchWriter.Commit;

/// <summary>What is written down in the ledger before the catalog is asked: enough for another process to commit the same files.</summary>
/// <param name="TableUuid">The table the files were made for; never committed to another.</param>
/// <param name="Parked">Events of the batch that are in no file.</param>
internal sealed record StagedBatch(Guid TableUuid, long SnapshotId, IReadOnlyList<DataFile> Files, long Parked);
