using System.Globalization;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Orphans;
using Philotes.Buffer;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>
/// Brings a repair into its table once, as <see cref="BatchCommitter"/> brings a batch: the property <c>philotes.repair.&lt;source&gt;</c> is set in the
/// commit that adds the rows, repairs of a table are committed in the order of their numbers, and each commit asserts the head that the property was
/// read with. The table's mark stays what it is: the events of a repair belong to batches that are in already.
/// </summary>
internal sealed class RepairCommitter(RestCatalog catalog, Lake lake, Announcer announcer, TimeProvider clock)
{
    private const string RepairKey = "philotes.repair";

    /// <returns>The snapshot, and how far the mark was in the commit before it.</returns>
    public async Task<(long SnapshotId, long Mark)> CommitAsync(
        TableIdentifier name, BufferedTable source, long repairId, StagedBatch staged, Guid requestId, CancellationToken cancellationToken)
    {
        var attempts = new CommitAttempts(clock);
        var writer = (SnapshotWriter?)null;
        while (true)
        {
            var table = await catalog.LoadTableAsync(name, cancellationToken);
            if (table.Metadata.TableUuid != staged.TableUuid)
                throw new PhilotesException("PH304", $"The files of repair {repairId} were made for table {staged.TableUuid}; the catalog now has table {table.Metadata.TableUuid} under the name {name}.");
            if (Find(table.Metadata, source, repairId) is { } done)
                return done;
            var store = await lake.StoreAsync(table, cancellationToken);
            writer ??= new SnapshotWriter(store, Guid.CreateVersion7(), announcer.AnnounceAsync);
            var head = await TableHead.LoadAsync(table.Metadata, store, cancellationToken);
            var plan = AppendPlanner.Plan(
                head, staged.Files, staged.SnapshotId, SnapshotClock.TimestampMs(table, clock.GetUtcNow()),
                new Dictionary<string, string> { [SummaryKeys.Source] = source.SourceName, [RepairKey] = Text(repairId) }, ManifestMergeOptions.From(table.Metadata.Properties));
            var written = await writer.WriteAsync(head, plan, cancellationToken);
            await Failpoints.HitAsync("wr.before_commit", cancellationToken);
            var outcome = await catalog.CommitAsync(
                new CommitRequest(
                    name, TableRequirement.UnchangedHead(table.Metadata),
                    [
                        .. TableUpdate.AppendToMain(written.Snapshot, table.Metadata.MainRef),
                        new TableUpdate.SetProperties(new Dictionary<string, string> { [PropertyOf(source)] = Text(repairId) }),
                    ],
                    attempts.Count == 0 ? requestId : Guid.CreateVersion7()),
                cancellationToken);
            await AfterAsync(table, outcome, attempts, cancellationToken);
        }
    }

    /// <summary>A commit that was accepted is found by the next load, like one whose answer was lost.</summary>
    private async Task AfterAsync(LoadedTable table, CommitOutcome outcome, CommitAttempts attempts, CancellationToken cancellationToken)
    {
        switch (outcome)
        {
            case CommitOutcome.Conflict conflict:
                await attempts.AfterConflictAsync(conflict.Text, cancellationToken);
                break;
            case CommitOutcome.Refused refused:
                var now = await catalog.LoadTableAsync(table.Identifier, cancellationToken);
                await attempts.AfterRefusalAsync(refused, now.Metadata.CurrentSnapshotId != table.Metadata.CurrentSnapshotId, cancellationToken);
                break;
            case CommitOutcome.Unknown unknown:
                await attempts.AfterUnknownAsync(unknown, table.Metadata.CurrentSnapshotId, cancellationToken);
                break;
        }
    }

    private static (long SnapshotId, long Mark)? Find(TableMetadata table, BufferedTable source, long repairId)
    {
        if (!long.TryParse(table.Properties.GetValueOrDefault(PropertyOf(source)), NumberStyles.None, CultureInfo.InvariantCulture, out var reached) || reached < repairId)
            return null;
        var history = table.MainHistory().SkipWhile(snapshot => snapshot.Summary.GetValueOrDefault(RepairKey) != Text(repairId)).ToList();
        var mark = history.Select(snapshot => snapshot.Summary.GetValueOrDefault(SummaryKeys.ToSequence)).FirstOrDefault(text => text is not null);
        return (history.Count > 0 ? history[0].SnapshotId : table.CurrentSnapshotId ?? 0, mark is null ? 0 : long.Parse(mark, CultureInfo.InvariantCulture));
    }

    private static string PropertyOf(BufferedTable source) => $"{RepairKey}.{source.SourceName}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
