using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>An event as a person reads it: what changed, where it stands in the source's order, and where it went.</summary>
/// <param name="Old">The old image as a JSON object of texts; null without one. A value that was not sent is <c>{"$unchanged_toast":true}</c>.</param>
/// <param name="Status">held, pending, claimed, committing, failed, dead, committed or parked.</param>
/// <param name="Files">The ledger's JSON of the batch's files; null until they are staged.</param>
/// <param name="Why">What keeps it from the lake: the batch's or the table's reason; null when nothing does.</param>
/// <param name="TableSequence">The chunk's place among the table's chunks; null while it waits for the table's copy.</param>
/// <param name="Origin">Where a copy has it from; null for what came by the stream.</param>
public sealed record BufferedEvent(
    string Source,
    TableName Table,
    Lsn CommitLsn,
    long TxSeq,
    long Xid,
    DateTimeOffset CommittedAt,
    ChangeKind Operation,
    string? Old,
    string? New,
    string Status,
    long? BatchId,
    long? SnapshotId,
    string? Files,
    string? Why,
    long? TableSequence,
    int Generation,
    long Chunk,
    int Ordinal,
    CopyOrigin? Origin)
{
    /// <summary><c>0/1A2B3C:4</c>, which <c>events show</c> takes.</summary>
    public string Position => FormattableString.Invariant($"{CommitLsn}:{TxSeq}");
}
