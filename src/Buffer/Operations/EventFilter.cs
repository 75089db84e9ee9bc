using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>Which events are asked for; what is null does not matter.</summary>
/// <param name="Key">Column to text, as the source spells the value: all must be in the event's old or new image.</param>
/// <param name="Status">held, pending, claimed, committing, failed, dead, committed or parked.</param>
/// <param name="After">Only events after this position.</param>
public sealed record EventFilter(
    TableName? Table = null,
    IReadOnlyDictionary<string, string>? Key = null,
    Lsn? FromLsn = null,
    Lsn? ToLsn = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    ChangeKind? Operation = null,
    string? Status = null,
    (Lsn CommitLsn, long TxSeq)? After = null)
{
    /// <summary>Whether each chunk that fits has only events that fit.</summary>
    public bool IsOfChunks => Key is null && Operation is null && Status is null && FromLsn is null && ToLsn is null && From is null && To is null && After is null;
}
