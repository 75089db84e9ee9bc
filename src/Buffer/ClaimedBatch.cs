using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>A run of one table's chunks, under one schema and made of whole source transactions, that becomes one Iceberg snapshot.</summary>
/// <param name="FromSequence">The first chunk's place in the table, from 1.</param>
/// <param name="State">claimed: nothing is staged yet; committing: <paramref name="Files"/> are, and may be committed already.</param>
/// <param name="Token">This attempt's fence: a later claim has a higher one.</param>
/// <param name="Files">What an earlier attempt, or this one, staged: JSON; null when nothing is staged.</param>
/// <param name="RequestId">The Idempotency-Key of the staged commit.</param>
public sealed record ClaimedBatch(
    long BatchId,
    int TableId,
    long FromSequence,
    long ToSequence,
    int SchemaId,
    string State,
    long Token,
    int Attempt,
    long RowCount,
    long ByteCount,
    Lsn LastLsn,
    DateTimeOffset LastTimestamp,
    string? Files,
    long? SnapshotId,
    Guid? RequestId);
