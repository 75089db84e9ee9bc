using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>One source, that is one slot: its identity, its fence and its watermark.</summary>
/// <param name="SystemIdentifier">IDENTIFY_SYSTEM's systemid; null until the first connect.</param>
/// <param name="Durable">Every source transaction that ended at or before it is in the buffer.</param>
/// <param name="State">new, snapshot, streaming, paused, blocked or lost.</param>
public sealed record SourceRecord(
    int SourceId,
    string Name,
    string? SystemIdentifier,
    int? Timeline,
    string SlotName,
    string PublicationName,
    Lsn Durable,
    DateTimeOffset? DurableAt,
    long Epoch,
    string? Owner,
    string State,
    string? StateReason);
