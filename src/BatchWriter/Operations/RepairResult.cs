namespace Philotes.BatchWriter.Operations;

/// <summary>What became of a repair.</summary>
public sealed record RepairResult(long RepairId, int Events, long SnapshotId);
