using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>A data file that a batch staged, and the snapshot that carries it.</summary>
/// <param name="CommittedAt">Null while the batch is not committed.</param>
public sealed record FileEntry(
    string Path, long Rows, long Bytes, long BatchId, TableName Table, string BatchState, long? SnapshotId, DateTimeOffset? CommittedAt);
