namespace Philotes.Capture;

/// <summary>How long to wait before the next attempt: doubling, bounded, with jitter so that many processes do not come back together.</summary>
internal static class Backoff
{
    /// <param name="chance">0 to 1.</param>
    public static TimeSpan Delay(int failures, TimeSpan least, TimeSpan most, double chance)
    {
        var ceiling = Math.Min(most.TotalSeconds, least.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 16)));
        return TimeSpan.FromSeconds(least.TotalSeconds + ((ceiling - least.TotalSeconds) * chance));
    }
}
