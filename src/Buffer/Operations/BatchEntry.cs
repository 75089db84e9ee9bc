using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>A batch as the ledger holds it.</summary>
/// <param name="Files">The ledger's JSON of what was staged; null before.</param>
public sealed record BatchEntry(
    long BatchId,
    string Source,
    TableName Table,
    string State,
    long FromSequence,
    long ToSequence,
    long Events,
    long Bytes,
    int Attempt,
    string ClaimedBy,
    DateTimeOffset ClaimedAt,
    DateTimeOffset LeaseUntil,
    DateTimeOffset? NextTryAt,
    long? SnapshotId,
    DateTimeOffset? CommittedAt,
    Lsn LastLsn,
    DateTimeOffset LastEventAt,
    string? ErrorCode,
    string? ErrorText,
    string? Files,
    long Parked);
