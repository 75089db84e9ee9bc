using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>
/// Copies the rows that tables had before their changes were captured, beside the stream and without holding it up.
/// <code>
/// waiting ──a snapshot, taken after the table was published──▶ copying ──every range published──▶ its held changes follow ──▶ active
///    ▲                                                           │
///    └────────── the snapshot is lost, the table rewritten ──────┘
/// </code>
/// What is to be done stands in the buffer's ledger; this only looks there and does it. A run that dies leaves finished ranges finished and
/// its snapshot open at the source (<see cref="SnapshotKeeper"/>); the next run goes on where it was.
/// </summary>
internal sealed class TableCopies(
    CaptureSettings settings, IReadOnlyList<string> publications, NpgsqlDataSource bufferDatabase, BufferBudget budget, CaptureEpoch epoch, CaptureRuntime runtime)
{
    private readonly CopyLedger _ledger = new(bufferDatabase);
    private readonly SourceRegistry _registry = new(bufferDatabase);
    private readonly CopyWorkers _workers = new(settings, publications, bufferDatabase, budget, epoch.SourceId, runtime);
    private readonly CopyPlanner _planner = new(settings, publications, bufferDatabase, runtime);
    private readonly CopyProgressReport _report = new(settings.SourceName, runtime);
    private readonly List<CopyGroup> _groups = [];
    private readonly HashSet<uint> _registered = [];
    private Task<CopyGroup?> _taking = Task.FromResult<CopyGroup?>(null);
    private Task _working = Task.CompletedTask;
    private long _lastRegistered;

    /// <summary>
    /// At the very first start: takes the snapshot at which the stream begins, so that it holds every change after the copied rows and
    /// none before, and enters the tables' versions before the stream can. Null: the stream begins where the slot does, because no table is to be
    /// copied, or because a start that died has given some of them an earlier snapshot already, whose changes begin before this one.
    /// </summary>
    /// <param name="slot">Where the slot begins.</param>
    public async Task<Lsn?> BeginAsync(NpgsqlConnection catalog, Lsn slot, CancellationToken cancellationToken)
    {
        if (await AreLeftAsync(slot, cancellationToken))
        {
            return null;
        }

        await RegisterAsync(catalog, cancellationToken);
        if (await TakeAsync(await _ledger.TablesAsync(epoch.SourceId, "waiting", cancellationToken), cancellationToken) is not { } group)
        {
            return null;
        }

        _groups.Add(group);
        await StartAsync(group, cancellationToken);
        return group.Snapshot.Point;
    }

    /// <summary>Whether tables are copied from snapshots of a start that died. A slot that was made again since begins behind them: those tables wait for another.</summary>
    private async Task<bool> AreLeftAsync(Lsn slot, CancellationToken cancellationToken)
    {
        // Nobody can enter a snapshot of an earlier epoch any more, nor start a table with one that is forgotten here.
        await _ledger.ForgetSnapshotsAsync(epoch.SourceId, keep: [], cancellationToken);
        var left = await _ledger.SnapshotsAsync(epoch.SourceId, cancellationToken);
        foreach (var snapshot in left.Where(snapshot => snapshot.Point < slot))
        {
            await _workers.LoseAsync(snapshot, cancellationToken);
        }

        return left.Any(snapshot => snapshot.Point >= slot);
    }

    /// <summary>Runs until cancelled. What fails is told and tried again; only what nobody foresaw is thrown.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(settings.Copy.Look, runtime.Time);
            do
            {
                await UnlessHeldUpAsync(AdoptAsync, cancellationToken);
                await UnlessHeldUpAsync(LookAsync, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            await Task.WhenAll(_working, _taking).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            foreach (var group in _groups)
            {
                group.Keeper.Abandon();
            }
        }
    }

    private async Task UnlessHeldUpAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or PhilotesException { Code: not "PH900" })
        {
            runtime.Logger.CopyHeldUp(e, settings.SourceName, e.Message.Split('\n')[0].TrimEnd('.'), settings.Copy.Look);
        }
    }

    /// <summary>Snapshots that nobody holds here: an earlier run left them, or the connection to the session that holds one broke and the session sleeps on.</summary>
    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        foreach (var left in await _ledger.SnapshotsAsync(epoch.SourceId, cancellationToken))
        {
            var tables = await _ledger.TablesAsync(epoch.SourceId, left, cancellationToken);
            if (tables.Count == 0 || _groups.Exists(group => group.Snapshot.SnapshotId == left.SnapshotId))
            {
                continue;
            }

            if (await SnapshotKeeper.AdoptAsync(settings.CopyConnection(), left, MoveAsync, cancellationToken) is { } keeper)
            {
                runtime.Logger.SnapshotAdopted(settings.SourceName, left.Point);
                _groups.Add(new CopyGroup(keeper, []));
                if (_working.IsCompleted)
                {
                    // Else a reader may be about to import it by the name that this session gave it, and the session ends by itself.
                    await SnapshotKeeper.EndAsync(settings.CopyConnection(), left, cancellationToken);
                }
            }
            else
            {
                await _workers.LoseAsync(left, cancellationToken);
            }
        }

        async Task<CopySnapshot> MoveAsync(CopySnapshot moved)
        {
            await _ledger.MoveSnapshotAsync(moved, cancellationToken);
            return moved;
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await RegisterWhenDueAsync(cancellationToken);
        await TakeWhenWaitingAsync(cancellationToken);
        foreach (var group in _groups.ToList())
        {
            await StartAsync(group, cancellationToken);
        }

        foreach (var table in await _ledger.FinishableAsync(epoch.SourceId, cancellationToken))
        {
            if (await _ledger.FinishAsync(table, cancellationToken))
            {
                runtime.Logger.CopyFinished(table.Name);
            }
        }

        await WorkAsync(cancellationToken);
        await _workers.YieldAsync(cancellationToken);
        if (await _ledger.RelieveAsync(epoch.SourceId, settings.Copy.BufferBytes, settings.Copy.ClaimBytes, cancellationToken) is { } relieved)
        {
            runtime.Logger.CopyInParts(settings.SourceName, relieved);
        }

        await ReleaseAsync(cancellationToken);
        await _report.TellAsync(_ledger, cancellationToken);
    }

    private async Task RegisterWhenDueAsync(CancellationToken cancellationToken)
    {
        if (_registered.Count > 0 && runtime.Time.GetElapsedTime(_lastRegistered) < settings.PublicationCheck)
        {
            return;
        }

        await using var catalog = await SourceConnection.OpenAsync(settings.SourceConnection(), cancellationToken);
        await RegisterAsync(catalog, cancellationToken);
        await _workers.GiveUpUnwantedAsync(cancellationToken);
        _lastRegistered = runtime.Time.GetTimestamp();
    }

    /// <summary>Enters every published table, so that its copy waits even if no change of it ever comes.</summary>
    private async Task RegisterAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        foreach (var (oid, name) in await CopyCatalog.PublishedAsync(catalog, publications, cancellationToken))
        {
            if (_registered.Contains(oid) || !settings.Matches(name) || !settings.Copy.Wanted(name))
            {
                continue;
            }

            if (await CopyCatalog.DescribeAsync(catalog, oid, publications, cancellationToken) is { } table)
            {
                var known = new TableSchema(oid, name, table.Relation.ReplicaIdentity, []);
                await _registry.EnsureTableAsync(epoch.SourceId, known, awaitsCopy: true, cancellationToken);
                _registered.Add(oid);
            }
        }
    }

    /// <summary>Taking a snapshot may wait long for the source's transactions, so it goes on beside everything else.</summary>
    private async Task TakeWhenWaitingAsync(CancellationToken cancellationToken)
    {
        if (!_taking.IsCompleted)
        {
            return;
        }

        var taken = _taking;
        _taking = Task.FromResult<CopyGroup?>(null);
        if (await taken is { } group)
        {
            _groups.Add(group);
        }

        var waiting = await _ledger.TablesAsync(epoch.SourceId, "waiting", cancellationToken);
        _taking = TakeAsync([.. waiting.Where(table => !_groups.Exists(known => known.Pending.Contains(table)))], cancellationToken);
    }

    /// <summary>Null: no table waits, or no snapshot could be taken and every one of them says why.</summary>
    private async Task<CopyGroup?> TakeAsync(IReadOnlyList<CopyTable> tables, CancellationToken cancellationToken)
    {
        try
        {
            var fitting = await _planner.WithRoomAsync(tables, cancellationToken);
            return fitting.Count == 0 ? null : await TakeSnapshotAsync(fitting, cancellationToken);
        }
        catch (Exception e) when (CopyFailure.Of(e, tables[0].Name) is { } failure && !cancellationToken.IsCancellationRequested)
        {
            runtime.Logger.CopyFailed(e, failure.Code, failure.Reason);
            await _workers.WaitAsync(tables, e, cancellationToken);
            return null;
        }
    }

    private async Task<CopyGroup> TakeSnapshotAsync(IReadOnlyList<CopyTable> tables, CancellationToken cancellationToken)
    {
        runtime.Logger.SnapshotIsTaken(settings.SourceName, tables.Count);
        await Failpoints.HitAsync("snap.before_snapshot", cancellationToken);
        var keeper = await SnapshotKeeper.TakeAsync(
            settings.SourceConnection(), settings.Copy.Standby?.Invoke(), taken => _ledger.EnterSnapshotAsync(epoch, taken, cancellationToken), cancellationToken);
        runtime.Logger.SnapshotTaken(settings.SourceName, keeper.Snapshot.Point);
        return new CopyGroup(keeper, tables);
    }

    /// <summary>Plans the ranges of a group's tables.</summary>
    private async Task StartAsync(CopyGroup group, CancellationToken cancellationToken)
    {
        if (group.Pending.Count == 0)
        {
            return;
        }

        await using var source = await CopyConnection.OpenAsync(settings.CopyConnection(), cancellationToken);
        foreach (var table in group.Pending.ToList())
        {
            if (await _workers.TellingFailureAsync(table, group.Snapshot, () => _planner.StartAsync(source, group.Snapshot, table, cancellationToken), cancellationToken) is not false)
            {
                group.Pending.Remove(table);
            }
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (_working.IsCompleted)
        {
            await _working;
            _working = _workers.RunAsync(cancellationToken);
        }
    }

    private async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        foreach (var group in _groups.Where(group => group.Keeper.IsLost).ToList())
        {
            _groups.Remove(group);
            group.Keeper.Abandon();
        }

        int[] pending = [.. _groups.Where(group => group.Pending.Count > 0).Select(group => group.Snapshot.SnapshotId)];
        if (!_taking.IsCompleted || _taking.Result is not null)
        {
            return;
        }

        foreach (var forgotten in await _ledger.ForgetSnapshotsAsync(epoch.SourceId, pending, cancellationToken))
        {
            if (_groups.Find(group => group.Snapshot.SnapshotId == forgotten) is { } group)
            {
                _groups.Remove(group);
                await group.Keeper.DisposeAsync();
            }
        }
    }
}
