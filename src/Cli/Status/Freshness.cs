using Philotes.Buffer;

namespace Philotes.Cli;

static class Freshness
{
    /// <summary>Age of the oldest change that the lake lacks; zero when it lacks none.</summary>
    public static TimeSpan Of(TableStatus table, DateTimeOffset at) =>
        table.OldestPendingAt is { } oldest && oldest < at ? at - oldest : TimeSpan.Zero;
}
