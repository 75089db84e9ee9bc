using Npgsql;
using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>Takes ranges from the ledger until there is none, over as many connections as configured, and decides what a failure means for its table.</summary>
internal sealed class CopyWorkers(
    CaptureSettings settings, IReadOnlyList<string> publications, NpgsqlDataSource bufferDatabase, BufferBudget budget, int sourceId, CaptureRuntime runtime)
{
    private static readonly TimeSpan SoonDelay = TimeSpan.FromSeconds(1);

    private readonly CopyLedger _ledger = new(bufferDatabase);
    private readonly ByteRate _rate = new(settings.Copy.BytesPerSecondMax, runtime.Time);
    private readonly HashSet<long> _busy = [];

    /// <summary>Copies until nothing is to be copied now.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, settings.Copy.Connections).Select(_ => WorkAsync(cancellationToken)));

    /// <summary>Every unfinished table of the snapshot is copied again from another.</summary>
    public async Task LoseAsync(CopySnapshot snapshot, CancellationToken cancellationToken)
    {
        foreach (var table in await _ledger.TablesAsync(sourceId, snapshot, cancellationToken))
        {
            await _ledger.RestartAsync(table, CopyFailure.SnapshotLost, $"The snapshot that {table.Name} was copied from is gone; it is copied again.", cancellationToken);
        }
    }

    /// <summary>No snapshot could be taken for tables: each says why, and is looked at again later.</summary>
    public async Task WaitAsync(IReadOnlyList<CopyTable> tables, Exception cause, CancellationToken cancellationToken)
    {
        foreach (var table in tables)
        {
            if (CopyFailure.Of(cause, table.Name) is { } failure)
            {
                var delay = failure.Remedy == CopyRemedy.TrySoon ? SoonDelay : settings.Copy.RetryDelay;
                await _ledger.FailAsync(table, failure.Code, failure.Reason, delay, cancellationToken);
            }
        }
    }

    /// <summary>
    /// A copy that replaces in one commit needs the buffer for all of its rows, and nobody can say before how much that is: when the buffer is full, what such copies have
    /// brought is taken back, for the stream goes first. They begin again when there is room for what they have shown to need.
    /// </summary>
    public async Task YieldAsync(CancellationToken cancellationToken)
    {
        foreach (var table in budget.IsFull ? await _ledger.TablesAsync(sourceId, "copying", cancellationToken) : [])
        {
            if (table.Whole)
            {
                var reason = $"The buffer was full (buffer.max_bytes) before all rows of {table.Name} were there to replace the lake's in one commit. What was read is taken back, readers keep the old rows, and the copy begins again when there is room.";
                await _ledger.RestartAsync(table, CopyFailure.NoRoom, reason, cancellationToken);
                runtime.Logger.CopyYields(CopyFailure.NoRoom, reason);
            }
        }
    }

    /// <summary>Tables that the configuration no longer wants to be copied get their changes without the rows.</summary>
    public async Task GiveUpUnwantedAsync(CancellationToken cancellationToken)
    {
        foreach (var state in new[] { "waiting", "copying" })
        {
            foreach (var table in await _ledger.TablesAsync(sourceId, state, cancellationToken))
            {
                if (table.Attempt == 1 && !settings.Copy.Wanted(table.Name))
                {
                    await _ledger.GiveUpAsync(table, "PH136", $"The configuration says that {table.Name} is never copied.", cancellationToken);
                }
            }
        }
    }

    /// <summary>Does a step of a table's copy, and on a failure what follows from it. Null: it failed.</summary>
    public async Task<T?> TellingFailureAsync<T>(CopyTable table, CopySnapshot snapshot, Func<Task<T>> step, CancellationToken cancellationToken)
        where T : struct
    {
        try
        {
            return await step();
        }
        catch (Exception e) when (CopyFailure.Of(e, table.Name) is { } failure && !cancellationToken.IsCancellationRequested)
        {
            runtime.Logger.CopyFailed(e, failure.Code, failure.Reason);
            await RemedyAsync(table, snapshot, failure, cancellationToken);
            return null;
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await using var copy = new RangeCopy(settings, publications, bufferDatabase, _rate);
        while (await ChooseAsync(cancellationToken) is { } range)
        {
            try
            {
                var rows = await TellingFailureAsync(range.Table, range.Snapshot, () => copy.RunAsync(range, cancellationToken), cancellationToken);
                runtime.Copies.Copied(rows ?? 0);
            }
            finally
            {
                lock (_busy)
                {
                    _busy.Remove(range.Key);
                }
            }
        }
    }

    /// <summary>Waits while the buffer is full: a range that has begun is finished, because only published rows ever leave the buffer again.</summary>
    private async Task<CopyRange?> ChooseAsync(CancellationToken cancellationToken)
    {
        await budget.RoomAsync(cancellationToken);
        while (true)
        {
            long[] busy;
            lock (_busy)
            {
                busy = [.. _busy];
            }

            var range = await _ledger.NextRangeAsync(sourceId, busy, settings.Copy.BufferBytes, cancellationToken);
            lock (_busy)
            {
                // Another worker may have chosen the same meanwhile.
                if (range is null || _busy.Add(range.Key))
                {
                    return range;
                }
            }
        }
    }

    private Task RemedyAsync(CopyTable table, CopySnapshot snapshot, CopyFailure failure, CancellationToken cancellationToken) => failure.Remedy switch
    {
        CopyRemedy.TrySoon => _ledger.FailAsync(table, failure.Code, failure.Reason, SoonDelay, cancellationToken),
        CopyRemedy.Wait => _ledger.FailAsync(table, failure.Code, failure.Reason, settings.Copy.RetryDelay, cancellationToken),
        CopyRemedy.Restart => _ledger.RestartAsync(table, failure.Code, failure.Reason, cancellationToken),
        CopyRemedy.NewSnapshot => LoseAsync(snapshot, cancellationToken),
        CopyRemedy.GiveUp => _ledger.GiveUpAsync(table, failure.Code, failure.Reason, cancellationToken),
        _ => throw new System.Diagnostics.UnreachableException(failure.Remedy.ToString()),
    };
}
