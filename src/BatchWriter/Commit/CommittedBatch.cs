namespace Philotes.BatchWriter.Commit;

/// <summary>A batch that its table carries.</summary>
/// <param name="Used">Objects that the snapshot is known to refer to; none when an earlier attempt's commit was found.</param>
internal sealed record CommittedBatch(long SnapshotId, IReadOnlyList<string> Used);
