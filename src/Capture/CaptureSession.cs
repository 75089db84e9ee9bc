using System.Threading.Channels;
using Npgsql;
using Npgsql.Replication;
using Philotes.Buffer;
using Philotes.Capture.Copy;
using Philotes.Capture.Source;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture;

/// <summary>
/// One run of one epoch, from connecting to the first failure or the stop.
/// <code>
/// look    prerequisites, publications, then the slot: refuse, wait, or create it
/// fence   capture_begin: from here every older capture of this source is refused by the buffer
/// check   again, now that nobody else can flush; then START_REPLICATION at D; then once more, now that nobody else can move the slot
/// run     reader ─▶ pipeline ─▶ acknowledge, and the publications kept in step beside it
/// stop    finish the open transaction or drop it, flush, acknowledge, leave
/// </code>
/// The slot is looked at before the fence: a second capture that only waits for the slot must not fence the one that works.
/// </summary>
internal sealed class CaptureSession(CaptureSettings settings, NpgsqlDataSource bufferDatabase, CaptureRuntime runtime)
{
    /// <summary>A flush that fails makes the reader fail too; its own exception says why, and may come a moment later.</summary>
    private static readonly TimeSpan CauseWait = TimeSpan.FromSeconds(1);

    private readonly SourceRegistry _registry = new(bufferDatabase);
    private readonly BufferBudget _budget = new(bufferDatabase, settings.BufferBytesMax, runtime);

    public async Task RunAsync(CancellationToken stopping)
    {
        var connectionString = settings.SourceConnection();
        await using var catalog = await SourceConnection.OpenAsync(connectionString, stopping);
        var prerequisites = await Prerequisites.ReadAsync(catalog, stopping);
        var slot = await ServerFactsReader.SlotAsync(catalog, settings.SlotName, stopping);
        prerequisites.Require(slotExists: slot is not null);
        var source = await _registry.EnsureAsync(settings.SourceName, settings.SlotName, settings.PublicationName, stopping);
        var replication = await SourceConnection.OpenReplicationAsync(connectionString, prerequisites, stopping);
        ReplicationStream? stream = null;
        try
        {
            var keeper = new PublicationKeeper(Publication(source.SourceId), settings, _registry, source.SourceId, runtime);
            await keeper.LookAsync(catalog, stopping);
            await FindStartAsync(replication, catalog, prerequisites.ServerVersion, stopping);
            await using var appender = new BufferAppender(bufferDatabase);
            var epoch = await appender.BeginAsync(source.SourceId, $"{Environment.MachineName}:{Environment.ProcessId}", stopping);
            var from = await FindStartAsync(replication, catalog, prerequisites.ServerVersion, stopping);
            var copies = new TableCopies(settings, PublicationNames, bufferDatabase, _budget, epoch, runtime);
            if (epoch.Durable == Lsn.Zero)
            {
                from = await copies.BeginAsync(catalog, from, stopping) ?? from;
            }

            await RememberAsync(source.SourceId, replication, appender, epoch, from, stopping);
            stream = new ReplicationStream(replication, settings.SlotName, PublicationNames, from, prerequisites.ServerVersion);
            runtime.Logger.StreamStarted(settings.SourceName, settings.SlotName, from, epoch.Epoch);
            runtime.Metrics.State("streaming");
            runtime.Health.Ready();
            await StreamAsync(stream, replication, appender, source.SourceId, from, keeper, copies, stopping);
        }
        finally
        {
            await (stream?.DisposeAsync() ?? replication.DisposeAsync());
        }
    }

    private IReadOnlyList<string> PublicationNames =>
        settings.ManagedPublication ? [settings.PublicationName, settings.AppendOnlyPublicationName] : [settings.PublicationName];

    private IPublication Publication(int sourceId) => settings.ManagedPublication
        ? new ManagedPublication(settings.PublicationName, settings.AppendOnlyPublicationName, settings.Matches, token => _registry.NamesAsync(sourceId, token))
        : new GivenPublication(settings.PublicationName, settings.Matches, token => _registry.NamesAsync(sourceId, token));

    /// <summary>
    /// The buffer's position is read after the slot's: both only grow, and the slot's never passes the buffer's, so a capture that is just
    /// leaving cannot look like a slot that ran ahead.
    /// </summary>
    private async Task<Lsn> FindStartAsync(
        LogicalReplicationConnection replication, NpgsqlConnection catalog, int serverVersion, CancellationToken cancellationToken)
    {
        var facts = await ServerFactsReader.ReadAsync(replication, catalog, settings.SlotName, await RememberedAsync(cancellationToken), cancellationToken);
        var remembered = await RememberedAsync(cancellationToken);
        switch (ContinuityCheck.Decide(remembered, facts))
        {
            case ContinuityVerdict.Continue go:
                return go.From;
            case ContinuityVerdict.CreateSlot:
                runtime.Logger.SlotIsCreated(settings.SourceName, settings.SlotName);
                return await SlotSetup.EnsureAsync(catalog, settings.SlotName, serverVersion, cancellationToken) is SlotOutcome.Created created
                    ? created.ConsistentPoint
                    : throw new PhilotesException("PH109", $"Replication slot '{settings.SlotName}' was created by somebody else at the same time.");
            case ContinuityVerdict.Busy busy:
                throw new PhilotesException("PH109", busy.Reason);
            case ContinuityVerdict.Refuse refuse:
                throw new PhilotesException(refuse.Code, refuse.Reason);
            case var verdict:
                throw new System.Diagnostics.UnreachableException(verdict.ToString());
        }
    }

    private async Task<RememberedSource> RememberedAsync(CancellationToken cancellationToken)
    {
        var source = await _registry.EnsureAsync(settings.SourceName, settings.SlotName, settings.PublicationName, cancellationToken);
        return new RememberedSource(source.SystemIdentifier, source.Timeline, source.Durable);
    }

    /// <summary>Writes down which cluster this is and, at the very first start, where its history begins in the buffer.</summary>
    private async Task RememberAsync(
        int sourceId, LogicalReplicationConnection replication, BufferAppender appender, CaptureEpoch epoch, Lsn from, CancellationToken cancellationToken)
    {
        var system = await replication.IdentifySystem(cancellationToken);
        await _registry.RecordIdentityAsync(sourceId, system.SystemId, (int)system.Timeline, cancellationToken);
        if (epoch.Durable != from)
        {
            await appender.FlushAsync([], from, cancellationToken);
        }

        await _registry.SetStateAsync(sourceId, "streaming", reason: null, cancellationToken);
        runtime.Metrics.Durable(from);
    }

    private async Task StreamAsync(
        ReplicationStream stream, LogicalReplicationConnection replication, BufferAppender appender, int sourceId, Lsn from,
        PublicationKeeper keeper, TableCopies copies, CancellationToken stopping)
    {
        using var abort = new CancellationTokenSource();
        await using var deadline = stopping.Register(() => abort.CancelAfter(settings.ShutdownDeadline));
        await using var endReading = abort.Token.Register(stream.Cancel);
        await using var relations = new RelationCatalog(settings.SourceConnection(), _registry, sourceId, settings.Matches, table => new TableMask(settings.Columns(table)), settings.Copy.Wanted, runtime.Logger);
        using var assembler = new TransactionAssembler(from, appender.OpenChunk);
        var acknowledger = new SlotAcknowledger(replication, settings.AcknowledgeDelay, runtime.Time, runtime.Metrics.FeedbackFailed);
        var pipeline = new FlushPipeline(appender, _budget, acknowledger, runtime.Metrics, runtime.Time, runtime.Logger);
        var guard = new SlotGuard(settings, from);
        var loop = new CaptureLoop(stream, assembler, relations, pipeline, settings, runtime);
        var flushing = pipeline.RunAsync(abort.Token);
        var beside = Task.WhenAll(
            BesideAsync(keeper.RunAsync, abort), BesideAsync(new Heartbeat(settings, runtime).RunAsync, abort), BesideAsync(copies.RunAsync, abort));
        try
        {
            await loop.RunAsync(guard, flushing, stopping, abort.Token);
            pipeline.Finish();
            await flushing;
            runtime.Logger.Stopped(settings.SourceName, acknowledger.Acknowledged);
        }
        catch (Exception) when (abort.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            await beside;
            throw;
        }
        catch (Exception e) when (e is ChannelClosedException or InvalidOperationException)
        {
            await Task.WhenAny(flushing, Task.Delay(CauseWait, runtime.Time, CancellationToken.None));
            if (flushing.IsFaulted)
            {
                await flushing;
            }

            throw;
        }
        finally
        {
            pipeline.Finish();
            await abort.CancelAsync();
            await Task.WhenAll(flushing, beside).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Work beside the stream: what breaks there ends the run, and is what the run ends with.</summary>
    private static async Task BesideAsync(Func<CancellationToken, Task> work, CancellationTokenSource abort)
    {
        try
        {
            await work(abort.Token);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            return;
        }
        catch
        {
            await abort.CancelAsync();
            throw;
        }
    }
}
