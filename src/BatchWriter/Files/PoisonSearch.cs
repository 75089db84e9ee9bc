namespace Philotes.BatchWriter.Files;

/// <summary>
/// Finds the event that makes an encoder fail which does not say where: halves the range, trying one half each time. The event lies within the last
/// <see cref="WindowEvents"/> that the encoder was given, so with the encode that failed at first 17 are enough for any batch. An event is named
/// only if others could be encoded and it could not: a full disk fails every half, and a passing fault none. Pure but for the tries.
/// </summary>
internal static class PoisonSearch
{
    /// <summary>Events that the engine may still hold when it fails.</summary>
    public const long WindowEvents = 1 << 15;

    /// <param name="failedAt">How many events had been handed on when the encode failed.</param>
    /// <param name="encodesAsync">Whether the events of a range, from inclusive to exclusive, can be encoded alone.</param>
    /// <returns>The event's place; null when it is not an event's fault.</returns>
    public static async Task<long?> FindAsync(long failedAt, Func<long, long, Task<bool>> encodesAsync)
    {
        var (from, to) = (Math.Max(0, failedAt - WindowEvents), failedAt);
        var (passed, failed) = (failedAt == 1, false);
        while (to - from > 1)
        {
            var middle = from + ((to - from) / 2);
            if (await encodesAsync(from, middle))
            {
                (from, passed) = (middle, true);
            }
            else
            {
                (to, failed) = (middle, true);
            }
        }

        if (to == from)
            return null;
        passed = passed || await encodesAsync(from + 1, failedAt);
        return passed && (failed || !await encodesAsync(from, to)) ? from : null;
    }
}
