using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Files;
using Philotes.BatchWriter.Grouping;
using Philotes.BatchWriter.Orphans;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter;

/// <summary>
/// The whole path of a batch: claim, ensure the table, encode and upload, stage, commit, finish. A crash at any step is taken up by the next claim of
/// the same batch: before the stage it is encoded again under other names, after it the same files are committed, after the commit the table's
/// mark says that only the finish is missing.
/// </summary>
internal sealed class BatchRunner(
    PhilotesOptions options, WriterBuffer buffer, Lake lake, WriterMetrics metrics, TimeProvider clock, ILogger<BatchRunner> logger)
{
    private static readonly TimeSpan TurnWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FailDeadline = TimeSpan.FromSeconds(10);

    private readonly DeclaredLimits _limits = new(options, buffer.Ledger);
    private readonly string _worker = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>Writes batches, as many at a time as configured, until none is due.</summary>
    public async Task RunUntilIdleAsync(CancellationToken cancellationToken)
    {
        await _limits.DeclareAsync(cancellationToken);
        await Failpoints.HitAsync("wr.before_claim", cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, options.Writer.Parallelism).Select(_ => DrainAsync(cancellationToken)));
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var commit = options.Defaults.Commit;
        var limits = new ClaimLimits(commit.MaxRows, commit.MaxBytes.Bytes, options.Writer.Lease, commit.MinRows, commit.MaxAge);
        while (await buffer.Ledger.ClaimAsync(_worker, limits, cancellationToken) is { } batch)
        {
            metrics.Claimed(found: true);
            await RunAsync(batch, cancellationToken);
            metrics.Left();
        }

        metrics.Claimed(found: false);
    }

    /// <summary>Writes one claimed batch, or writes down why not. Never throws but on a stop.</summary>
    public async Task RunAsync(ClaimedBatch batch, CancellationToken cancellationToken)
    {
        using var trace = BatchTrace.Batch(batch);
        await using var lease = new LeaseRenewal(buffer.Ledger, batch, options.Writer.Lease, clock, cancellationToken);
        try
        {
            await WriteAsync(batch, trace, lease.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            if (lease.IsLost)
                metrics.LeaseExpired();
            trace.Failed(FailureClass.Of(exception).Code);
            await FailAsync(batch, lease.IsLost ? new PhilotesException("PH504", "The lease was lost.", exception) : exception);
        }
    }

    private async Task WriteAsync(ClaimedBatch batch, Activity? trace, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        await Failpoints.HitAsync("wr.after_claim", cancellationToken);
        var source = await buffer.Ledger.TableAsync(batch.TableId, cancellationToken);
        trace.Of(source.TableName);
        var schema = await buffer.Registry.LoadSchemaAsync(batch.SchemaId, cancellationToken);
        var settings = await SettingsAsync(source, cancellationToken);
        var announcer = Announcer.Of(buffer.Objects, batch);
        await Failpoints.HitAsync("wr.before_table", cancellationToken);
        var target = await EnsureAsync(batch, source, schema, settings, announcer, cancellationToken);
        await Failpoints.HitAsync("wr.after_table", cancellationToken);
        (batch, var staged, var requestId) = await StagedAsync(batch, source, target, schema, settings, announcer, cancellationToken);
        await TurnAsync(batch, cancellationToken);
        await Failpoints.HitAsync("wr.after_turn", cancellationToken);
        var committed = await CommitAsync(batch, source, target, staged, requestId, announcer, cancellationToken);
        await Failpoints.HitAsync("wr.after_commit", cancellationToken);
        await Failpoints.HitAsync("wr.before_finish", cancellationToken);
        await buffer.Ledger.FinishAsync(batch, committed.SnapshotId, cancellationToken);
        await Failpoints.HitAsync("wr.after_finish", cancellationToken);
        await buffer.Objects.ReleaseAsync(batch.BatchId, committed.Used, cancellationToken);
        await Failpoints.HitAsync("wr.after_release", cancellationToken);
        var elapsed = clock.GetElapsedTime(started);
        metrics.Committed(batch.RowCount - staged.Parked, staged.Parked);
        metrics.Phase("total", elapsed);
        logger.Committed(batch.BatchId, source.TableName, committed.SnapshotId, batch.RowCount - staged.Parked, staged.Parked, batch.LastLsn, elapsed);
    }

    private async Task<TargetTable> EnsureAsync(
        ClaimedBatch batch, BufferedTable source, TableSchema schema, TableSettings settings, Announcer announcer, CancellationToken cancellationToken)
    {
        using var step = BatchTrace.Step("ensure");
        var tables = await lake.TablesAsync(announcer, cancellationToken);
        return await tables.EnsureAsync(source, schema, settings, isBegun: batch.FromSequence > 1, cancellationToken);
    }

    private async Task<CommittedBatch> CommitAsync(
        ClaimedBatch batch, BufferedTable source, TargetTable target, StagedBatch staged, Guid requestId, Announcer announcer, CancellationToken cancellationToken)
    {
        using var step = BatchTrace.Step("commit");
        return await (await lake.CommitterAsync(announcer, cancellationToken)).CommitAsync(batch, source, target.Loaded.Identifier, staged, requestId, cancellationToken);
    }

    private async Task<TableSettings> SettingsAsync(BufferedTable source, CancellationToken cancellationToken)
    {
        var settings = options.For(source.TableName.Schema, source.TableName.Table) ?? throw new PhilotesException("PH203",
            $"No rule under 'tables' matches {source.TableName}, of which the buffer holds changes. Add a rule, or drop the table from the source's publication.");
        var isDrained = source.Incarnation == 1 || await buffer.Ledger.EarlierAreCommittedAsync(source.TableId, cancellationToken);
        return RecreatedTable.Settle(source, settings, isDrained);
    }

    /// <summary>What an earlier attempt wrote down, or what this one encodes and writes down now; nothing, if the table carries the batch already.</summary>
    private async Task<(ClaimedBatch Batch, StagedBatch Staged, Guid RequestId)> StagedAsync(
        ClaimedBatch batch, BufferedTable source, TargetTable target, TableSchema schema, TableSettings settings, Announcer announcer, CancellationToken cancellationToken)
    {
        if (batch is { State: "committing", Files: { } json, SnapshotId: { } stagedId })
            return (batch, StagedBatchJson.Read(json, stagedId, target.SpecOf, target.Schema), batch.RequestId ?? Guid.CreateVersion7());
        var metadata = target.Loaded.Metadata;
        var decision = CommitDecision.Of(metadata, batch, source, stagedFor: null);
        if (decision is CommitDecision.Blocked blocked)
            throw new PhilotesException(blocked.Code, blocked.Text);
        var requestId = Guid.CreateVersion7();
        var growing = GrowingBatch.Of(buffer.Ledger, batch, clock);
        var staged = decision is CommitDecision.Done done
            ? new StagedBatch(metadata.TableUuid, done.SnapshotId, [], Parked: 0)
            : await EncodeAsync(growing, target, schema, settings, announcer, cancellationToken);
        batch = growing.Batch;
        await Failpoints.HitAsync("wr.before_stage", cancellationToken);
        if (!await buffer.Ledger.StageAsync(batch, StagedBatchJson.Write(staged, target.Spec, target.Schema), staged.SnapshotId, requestId, cancellationToken))
            throw new PhilotesException("PH001", $"Batch {batch.BatchId} was claimed by another process before it was staged.");
        await Failpoints.HitAsync("wr.after_stage", cancellationToken);
        return (batch, staged, requestId);
    }

    private async Task<StagedBatch> EncodeAsync(
        GrowingBatch batch, TargetTable target, TableSchema schema, TableSettings settings, Announcer announcer, CancellationToken cancellationToken)
    {
        using var step = BatchTrace.Step("encode");
        var started = clock.GetTimestamp();
        var store = await lake.StoreAsync(target.Loaded, cancellationToken);
        var encoder = new BatchEncoder(options.Writer, options.Lake.TargetFileSize, store, buffer, announcer, metrics, logger);
        var staged = await encoder.EncodeAsync(batch, target, schema, settings, SnapshotIds.From(Guid.NewGuid()), cancellationToken);
        metrics.Phase("encode", clock.GetElapsedTime(started));
        return staged;
    }

    /// <summary>Batches of a table may be encoded side by side; they are committed one after the other.</summary>
    private async Task TurnAsync(ClaimedBatch batch, CancellationToken cancellationToken)
    {
        while (await buffer.Ledger.CommitTurnAsync(batch, cancellationToken) is var turn && turn != true)
        {
            if (turn is null)
                throw new PhilotesException("PH001", $"Batch {batch.BatchId} was claimed by another process before it was committed.");
            await Task.Delay(TurnWait, clock, cancellationToken);
        }
    }

    private async Task FailAsync(ClaimedBatch batch, Exception exception)
    {
        var failure = FailureClass.Of(exception);
        if (failure.Fenced)
        {
            metrics.Fenced("batch");
            logger.Fenced(batch.BatchId);
            return;
        }

        metrics.Failed(failure.Code);
        var delay = failure.Delay(batch.Attempt);
        if (failure.Block)
            logger.Blocked(exception, failure.Code, batch.BatchId, failure.Reason);
        else
            logger.Failed(exception, failure.Code, batch.BatchId, failure.Kind, batch.Attempt, delay, failure.Reason);
        try
        {
            using var deadline = new CancellationTokenSource(FailDeadline, clock);
            await Failpoints.HitAsync("wr.before_fail", deadline.Token);
            await buffer.Ledger.FailAsync(batch, failure.Code, failure.Reason, delay, failure.Block, deadline.Token);
        }
        catch (Exception unreachable) when (unreachable is Npgsql.NpgsqlException or OperationCanceledException or PhilotesException)
        {
            logger.FailureNotRecorded(unreachable, batch.BatchId);
        }
    }
}
