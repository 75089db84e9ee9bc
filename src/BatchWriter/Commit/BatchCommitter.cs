using Philotes.BatchWriter.Orphans;
using Philotes.Buffer;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter.Commit;

/// <summary>
/// Brings a staged batch into its table, exactly once.
/// <code>
/// load ─▶ decide ─▶ done ───────────────────────────────▶ return
///   ▲        │ └──▶ blocked ─────────────────────────────▶ throw, a person is needed
///   │        └────▶ write list, send ─▶ committed ─▶ compare, return
///   │                                ├▶ conflict: nothing happened; 10 times, then PH301
///   └── wait ◀──────────────────────┴▶ unknown: it may have happened, or happen later; nothing is deleted
/// </code>
/// Mark, uuid and head come from one load; the send asserts that very head and moves it and the mark together. Of all sends of a batch, by whatever
/// process and however late, the first to land makes every other fail, and whoever loads afterwards sees the mark. A crash at any place leaves the
/// batch staged, and its successor begins at load.
/// </summary>
internal sealed class BatchCommitter(RestCatalog catalog, TableStores stores, Announcer announcer, TimeProvider clock, WriterMetrics metrics)
{
    /// <summary>Brings the batch in, whatever an earlier attempt did.</summary>
    /// <exception cref="PhilotesException">PH301 too many conflicts, PH302 and PH304 blocked, PH303 outcome unknown for too long, PH305 refused.</exception>
    public async Task<CommittedBatch> CommitAsync(
        ClaimedBatch batch, BufferedTable source, TableIdentifier name, StagedBatch staged, Guid requestId, CancellationToken cancellationToken)
    {
        var attempts = new CommitAttempts(clock);
        SnapshotWriter? writer = null;
        while (true)
        {
            await Failpoints.HitAsync("wr.before_load", cancellationToken);
            var table = await LoadAsync(name, cancellationToken);
            switch (CommitDecision.Of(table.Metadata, batch, source, staged.TableUuid))
            {
                case CommitDecision.Done done:
                    return new CommittedBatch(done.SnapshotId, []);
                case CommitDecision.Blocked blocked:
                    throw new PhilotesException(blocked.Code, blocked.Text);
            }

            writer ??= new SnapshotWriter(stores.For(table), Guid.CreateVersion7(), announcer.AnnounceAsync);
            var (request, used) = await PlanAsync(table, batch, source, staged, writer, attempts.Count == 0 ? requestId : Guid.CreateVersion7(), cancellationToken);
            await Failpoints.HitAsync("wr.before_commit", cancellationToken);
            var outcome = await catalog.CommitAsync(request, cancellationToken);
            await Failpoints.HitAsync("wr.commit_response_lost", cancellationToken);
            if (outcome is CommitOutcome.Committed committed)
            {
                Compare(table, committed.Table, request, batch, source, staged);
                return new CommittedBatch(staged.SnapshotId, [.. used, .. staged.Files.Select(file => file.FilePath)]);
            }

            await AfterFailureAsync(table, outcome, attempts, cancellationToken);
        }
    }

    private async Task AfterFailureAsync(LoadedTable table, CommitOutcome outcome, CommitAttempts attempts, CancellationToken cancellationToken)
    {
        switch (outcome)
        {
            case CommitOutcome.Conflict conflict:
                metrics.Conflict();
                await Failpoints.HitAsync("wr.after_conflict", cancellationToken);
                await attempts.AfterConflictAsync(conflict.Text, cancellationToken);
                break;
            case CommitOutcome.Refused refused:
                var now = await LoadAsync(table.Identifier, cancellationToken);
                await attempts.AfterRefusalAsync(refused, now.Metadata.CurrentSnapshotId != table.Metadata.CurrentSnapshotId, cancellationToken);
                break;
            case CommitOutcome.Unknown unknown:
                metrics.Unknown();
                await Failpoints.HitAsync("wr.after_unknown", cancellationToken);
                await attempts.AfterUnknownAsync(unknown, table.Metadata.CurrentSnapshotId, cancellationToken);
                break;
        }
    }

    private async Task<(CommitRequest Request, IReadOnlyList<string> Used)> PlanAsync(
        LoadedTable table, ClaimedBatch batch, BufferedTable source, StagedBatch staged, SnapshotWriter writer, Guid requestId, CancellationToken cancellationToken)
    {
        var head = await TableHead.LoadAsync(table.Metadata, stores.For(table), cancellationToken);
        var plan = AppendPlanner.Plan(
            head, staged.Files, staged.SnapshotId, SnapshotClock.TimestampMs(table, clock.GetUtcNow()),
            CommitPlan.Summary(batch, source, staged.Parked), ManifestMergeOptions.From(table.Metadata.Properties));
        await Failpoints.HitAsync("wr.before_manifests", cancellationToken);
        var written = await writer.WriteAsync(head, plan, cancellationToken);
        await Failpoints.HitAsync("wr.after_manifests", cancellationToken);
        return (CommitPlan.Request(table, written.Snapshot, CommitPlan.Mark(batch, source, staged.SnapshotId), source.SourceName, requestId), written.Used);
    }

    private static void Compare(LoadedTable sent, LoadedTable received, CommitRequest request, ClaimedBatch batch, BufferedTable source, StagedBatch staged)
    {
        var snapshot = request.Updates.OfType<TableUpdate.AddSnapshot>().Single().Snapshot;
        var mark = CommitPlan.Mark(batch, source, staged.SnapshotId);
        if (CommitPlan.Difference(sent.Metadata, received.Metadata, snapshot, mark, source.SourceName) is { } difference)
        {
            throw new PhilotesException("PH305", $"The catalog answered a commit to {sent.Identifier} with success, but its reply has {difference}. "
                + "Nothing more is written to this table. Use a catalog that keeps what it is sent.");
        }
    }

    private async Task<LoadedTable> LoadAsync(TableIdentifier name, CancellationToken cancellationToken) =>
        await catalog.FindTableAsync(name, cancellationToken) ?? throw new PhilotesException("PH304",
            $"Table {name} was there and is not in the catalog any more. Put it back, or start this table again.");
}
