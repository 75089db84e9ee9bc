namespace Philotes.Buffer.Operations;

/// <summary>A generation that is still there: the unit in which the buffer forgets.</summary>
/// <param name="Newest">Commit time of its newest event; null without one.</param>
/// <param name="Pending">Events of it that the lake lacks.</param>
/// <param name="OpenDeadLetters">They keep it, however old it is.</param>
/// <param name="PinnedBy">Who holds it, and what for.</param>
public sealed record GenerationEntry(
    int Generation, DateTimeOffset CreatedAt, DateTimeOffset? SealedAt, long Bytes, long Events, DateTimeOffset? Oldest, DateTimeOffset? Newest, long Pending,
    long OpenDeadLetters, string? PinnedBy)
{
    /// <summary>Why it is kept, or that it may go.</summary>
    public string KeptBy(TimeSpan replayWindow, DateTimeOffset now) => this switch
    {
        { PinnedBy: { } pin } => $"pinned: {pin}",
        { SealedAt: null } => "open",
        { Pending: > 0 } => "not in the lake yet",
        { OpenDeadLetters: > 0 } => "dead letters",
        _ when (Newest ?? SealedAt) > now - replayWindow => "replay window",
        _ => "nothing: goes at the next round",
    };
}
