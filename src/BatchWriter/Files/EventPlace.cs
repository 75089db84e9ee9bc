using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>Where an event lies in the buffer, and its position at the source.</summary>
internal readonly record struct EventPlace(int Generation, long Chunk, int Ordinal, Lsn CommitLsn, long TxSeq)
{
    /// <summary>As <c>philotes events show</c> takes it.</summary>
    public string Position => FormattableString.Invariant($"{CommitLsn}:{TxSeq}");
}
