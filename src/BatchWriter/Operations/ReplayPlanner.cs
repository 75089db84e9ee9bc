using System.Text.Json;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>Says what a replay would do, and writes it down under a number. Changes neither the table nor the buffer's cursors.</summary>
public sealed class ReplayPlanner(PhilotesOptions options)
{
    public async Task<ReplayEntry> PlanAsync(ReplayRequest request, string actor, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        var settings = await session.SettingsAsync(await session.Buffer.Ledger.TableAsync(request.TableId, cancellationToken), cancellationToken);
        var replays = new Replays(session.Db);
        var number = request.Mode switch
        {
            "rewind" => await PlanRewindAsync(session, replays, request, settings, actor, cancellationToken),
            "table" => await PlanTableAsync(replays, request, settings, actor, cancellationToken),
            _ => await PlanSideAsync(session, replays, request, settings, actor, cancellationToken),
        };
        return await replays.FindAsync(number, cancellationToken);
    }

    private static async Task<long> PlanRewindAsync(
        LakeSession session, Replays replays, ReplayRequest request, TableSettings settings, string actor, CancellationToken cancellationToken)
    {
        RewindTarget? target = null;
        if (!request.All)
        {
            target = await replays.TargetAsync(request.TableId, request.Before, request.BeforeTime, request.ToBatch, cancellationToken)
                ?? throw new PhilotesException("PH012", "No committed batch ends there. 'philotes batches list' shows those there are; --all goes back to the empty table.");
        }

        var sequence = target?.ToSequence ?? 0;
        var (batches, events, head, complete) = await replays.BehindAsync(request.TableId, sequence + 1, cancellationToken);
        if (!complete)
            throw new PhilotesException("PH013", $"The buffer does not hold every chunk of {request.Table} from {sequence + 1} on any more: retention has dropped it. Rewind less.");
        var source = await session.Buffer.Ledger.TableAsync(request.TableId, cancellationToken);
        var table = await session.FindTableAsync(settings, cancellationToken)
            ?? throw new PhilotesException("PH304", $"Table {TargetTables.NameOf(settings)} is not in the catalog.");
        var snapshots = Require(table, source.SourceName, target);
        var plan = JsonSerializer.Serialize(new
        {
            table = request.Table.ToString(),
            lake = table.Identifier.ToString(),
            toBatch = target?.BatchId,
            toLsn = target?.LastLsn.ToString(),
            batchesRolledBack = batches,
            eventsWrittenAgain = events,
            snapshotsRolledBack = snapshots.RolledBack.Select(Text),
            foreignSnapshots = snapshots.Foreign.Select(Text),
        });
        return await replays.PlanAsync(
            request.TableId, "rewind", sequence + 1, head, null, null, null, table.Metadata.CurrentSnapshotId, snapshots.Target, plan, actor, cancellationToken);
    }

    private static Task<long> PlanTableAsync(Replays replays, ReplayRequest request, TableSettings settings, string actor, CancellationToken cancellationToken)
    {
        var plan = JsonSerializer.Serialize(new
        {
            table = request.Table.ToString(),
            lake = TargetTables.NameOf(settings).ToString(),
            rowsCopied = request.Where is null ? "all" : "where " + request.Where,
            replacesWhatIsThere = request.Where is null,
        });
        return replays.PlanTableAsync(request.TableId, request.Where, plan, actor, cancellationToken);
    }

    /// <summary>The snapshots of a rewind. PH018: one of another program would go too, or the one to go back to has expired.</summary>
    internal static RewindSnapshots Require(LoadedTable table, string source, RewindTarget? target)
    {
        var snapshots = RewindSnapshots.Of(table.Metadata, source, target?.SnapshotId);
        if (snapshots.Target is null)
            throw new PhilotesException("PH018", $"Snapshot {target?.SnapshotId.ToString() ?? "of the empty table"} of {table.Identifier} has expired or is not in main's history. Rewind less, replay to the side, or copy the table again.");
        return snapshots.Foreign.Count == 0 ? snapshots : throw new PhilotesException("PH018",
            $"Snapshots {string.Join(", ", snapshots.Foreign)} of {table.Identifier} were made by another program and would be rolled back too. Nothing was planned. Replay to the side (--mode side), or rewind to after them.");
    }

    private static async Task<long> PlanSideAsync(
        LakeSession session, Replays replays, ReplayRequest request, TableSettings settings, string actor, CancellationToken cancellationToken)
    {
        var range = await ChunkBatches.RangeAsync(session.Db, request.TableId, request.From, request.To, cancellationToken)
            ?? throw new PhilotesException("PH013", $"The buffer holds no change of {request.Table} there. It is not captured yet, or retention has dropped it.");
        var target = request.Target ?? $"{settings.LakeNamespace}.{settings.LakeTable}_replay";
        var name = ReplaySettings.Of(settings, target);
        if (await session.FindTableAsync(name, cancellationToken) is not null)
            throw new PhilotesException("PH018", $"Table {target} exists already. Choose another with --target, or drop it first.");
        var plan = JsonSerializer.Serialize(new
        {
            table = request.Table.ToString(),
            target,
            chunks = range.To - range.From + 1,
            eventsWrittenAtMost = range.Events,
            fromLsn = request.From?.ToString(),
            toLsn = request.To?.ToString(),
        });
        return await replays.PlanAsync(
            request.TableId, request.Mode, range.From, range.To, request.From, request.To, target, null, null, plan, actor, cancellationToken);
    }

    private static string Text(long id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
