using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>How far one table is.</summary>
/// <param name="State">active, paused, blocked, resync or dropped.</param>
/// <param name="ChunksPending">Chunks behind the last committed one.</param>
/// <param name="BytesBehind">Of the source's log, between the last event in the buffer and the last one in the lake.</param>
/// <param name="HeadAt">Commit time of the newest event in the buffer; null without one.</param>
/// <param name="CommittedAt">Commit time of the newest event in the lake; null without one.</param>
/// <param name="OldestPendingAt">Commit time of the oldest chunk that is not in the lake; null when all is.</param>
/// <param name="BatchState">State of the oldest batch that is not committed; null without one.</param>
/// <param name="ReplacedValues">Values that the lake's columns cannot hold: NULL there, and kept in <c>philotes.value_exception</c>.</param>
public sealed record TableStatus(
    int TableId,
    string Source,
    TableName Name,
    string State,
    string? StateReason,
    long RowsIn,
    long RowsOut,
    long ChunksPending,
    long BytesBehind,
    DateTimeOffset? HeadAt,
    DateTimeOffset? CommittedAt,
    DateTimeOffset? OldestPendingAt,
    long? SnapshotId,
    long ParkedEvents,
    string? BatchState,
    string? BatchErrorCode,
    string? BatchErrorText,
    long ReplacedValues)
{
    public long RowsPending => RowsIn - RowsOut;

    /// <summary>Its changes wait for its copy.</summary>
    public bool IsHeld { get; init; }
}
