using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>An event that its batch was committed without.</summary>
/// <param name="Resolution">Null while it is open; retry, rewritten or skip.</param>
/// <param name="Committed">Whether its batch is in the lake: only then can it be written after all.</param>
/// <param name="NewTuple">The raw new image; null without one.</param>
public sealed record DeadLetter(
    int TableId, TableName Table, Lsn CommitLsn, long TxSeq, ChangeKind Operation, long BatchId, DateTimeOffset ParkedAt, string Code, string Text,
    string? Resolution, DateTimeOffset? ResolvedAt, string? ResolvedBy, string? Reason, string? Old, string? New, bool Committed,
    int Generation, long Chunk, int Ordinal, long TableSequence, int SchemaId, byte[]? NewTuple, byte[]? RewrittenTuple)
{
    /// <summary><c>0/1A2B3C:4</c>, as events have it.</summary>
    public string Position => FormattableString.Invariant($"{CommitLsn}:{TxSeq}");
}
