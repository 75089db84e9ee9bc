using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>A replay as it was planned, and where it stands.</summary>
/// <param name="Plan">What a person agreed to: a JSON object.</param>
/// <param name="CommittedSequence">How far the table itself is now: a rewound table is done when it has reached <paramref name="ToSequence"/> again.</param>
public sealed record ReplayEntry(
    long ReplayId, int TableId, TableName Table, string Mode, string State, long FromSequence, long ToSequence, Lsn? FromLsn, Lsn? ToLsn, string? Target,
    long? Head, long? SnapshotId, long NextSequence, string Plan, DateTimeOffset PlannedAt, string PlannedBy, DateTimeOffset? RunAt, string? RunBy, string? Reason,
    DateTimeOffset? EndedAt, long CommittedSequence)
{
    /// <summary>Chunks that are written again, of those that are to be.</summary>
    public (long Done, long Total) Progress => Mode == "rewind"
        ? (State == "done" ? Math.Clamp(CommittedSequence - FromSequence + 1, 0, ToSequence - FromSequence + 1) : 0, ToSequence - FromSequence + 1)
        : (NextSequence - FromSequence, ToSequence - FromSequence + 1);
}
