using Philotes.BatchWriter.Commit;
using Philotes.Iceberg.Metadata;

namespace Philotes.BatchWriter.Operations;

/// <summary>The snapshots that a rewind takes out of a table's history, and whose they are. Pure.</summary>
/// <param name="Target">The snapshot that it goes back to; null when the table's history does not show it any more.</param>
/// <param name="RolledBack">Newest first.</param>
/// <param name="Foreign">Of these, those that another program made: they stand in the way.</param>
internal sealed record RewindSnapshots(long? Target, IReadOnlyList<long> RolledBack, IReadOnlyList<long> Foreign)
{
    /// <param name="target">Null: the first snapshot, which is empty.</param>
    public static RewindSnapshots Of(TableMetadata table, string source, long? target)
    {
        var history = table.MainHistory().ToList();
        var first = history.Count > 0 && history[^1].ParentSnapshotId is null ? history[^1].SnapshotId : (long?)null;
        var wanted = target ?? first;
        var back = history.TakeWhile(snapshot => snapshot.SnapshotId != wanted).ToList();
        return new RewindSnapshots(
            back.Count == history.Count ? null : wanted,
            [.. back.Select(snapshot => snapshot.SnapshotId)],
            [.. back.Where(snapshot => snapshot.Summary.GetValueOrDefault(SummaryKeys.Source) != source).Select(snapshot => snapshot.SnapshotId)]);
    }
}
