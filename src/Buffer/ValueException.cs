using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>A value that the lake's column could not hold, kept as the source wrote it.</summary>
public sealed record ValueException(
    int Generation, long Chunk, int Ordinal, Lsn CommitLsn, long TxSeq, string ColumnName, string Original, string Code);
