using Philotes.Iceberg.Rest;

namespace Philotes.BatchWriter.Commit;

/// <summary>
/// When a snapshot says it was made. Catalogs order snapshots by it: one in the future makes some refuse every later commit until their clock has
/// caught up, one in the past is refused too. So: after the last one, and never later than the catalog's own clock.
/// </summary>
internal static class SnapshotClock
{
    public static long TimestampMs(LoadedTable table, DateTimeOffset now)
    {
        var clock = table.ServerDate is { } server && server < now ? server : now;
        var last = table.Metadata.CurrentSnapshot?.TimestampMs + 1 ?? 0;
        return Math.Max(Math.Max(last, table.Metadata.LastUpdatedMs), clock.ToUnixTimeMilliseconds());
    }
}
