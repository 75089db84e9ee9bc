using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>The committed batch at whose end a table is put.</summary>
public sealed record RewindTarget(long BatchId, long ToSequence, long? SnapshotId, Lsn LastLsn);
