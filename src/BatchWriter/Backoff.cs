namespace Philotes.BatchWriter;

/// <summary>Waits that double, with jitter so that writers do not march in step.</summary>
internal static class Backoff
{
    /// <param name="attempt">From 1.</param>
    public static TimeSpan Jittered(TimeSpan first, TimeSpan longest, int attempt)
    {
        var wait = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30)), longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(wait * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
