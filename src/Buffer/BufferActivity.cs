namespace Philotes.Buffer;

/// <summary>How busy the buffer is, over the last minutes.</summary>
/// <param name="EventsPerSecond">Captured.</param>
/// <param name="BytesPerSecond">By which the leaves grow, measured in captured bytes times what a captured byte takes on disk.</param>
/// <param name="Oldest">Commit time of the oldest chunk that is still there; null without one.</param>
/// <param name="Writers">Processes that claimed a batch within five minutes.</param>
/// <param name="UnknownCommits">Batches whose commit was sent a minute ago or more and has no answer that can be trusted.</param>
/// <param name="LastError">Of a batch that failed and is not committed: code and text.</param>
public sealed record BufferActivity(
    double EventsPerSecond, double BytesPerSecond, DateTimeOffset? Oldest, int Writers, int InFlight, int CommitsPerMinute, DateTimeOffset? LastErrorAt, string? LastError, int UnknownCommits = 0)
{
    /// <summary>
    /// Time until the buffer holds <paramref name="limit"/> bytes at this rate. Null: never, because it does not grow, or because what leaves the
    /// replay window is dropped before.
    /// </summary>
    /// <param name="freesSpace">Whether retention can drop what is older than the window: every table is in the lake.</param>
    public TimeSpan? TimeToFull(long bytes, long limit, TimeSpan replayWindow, DateTimeOffset now, bool freesSpace)
    {
        if (bytes >= limit)
        {
            return TimeSpan.Zero;
        }

        if (BytesPerSecond <= 0)
        {
            return null;
        }

        var seconds = (limit - bytes) / BytesPerSecond;
        var untilWindowMoves = replayWindow - (now - (Oldest ?? now));
        return freesSpace && seconds > untilWindowMoves.TotalSeconds ? null : TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(3650).TotalSeconds));
    }
}
