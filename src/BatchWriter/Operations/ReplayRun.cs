using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>
/// Runs a planned replay to its end, or goes on with one that a crash left. A rewind: pause the table, wait for the batch in flight, move the
/// lake's table back together with its mark, move the buffer's cursor back, let the table go on. A crash between any two leaves the table paused,
/// or its mark and cursor apart, which every writer refuses: running the replay again goes on from there. A table is copied by capture: it is asked for
/// once and waited for.
/// </summary>
public sealed class ReplayRun(PhilotesOptions options)
{
    private static readonly TimeSpan InFlightWait = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan CopyPoll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InFlightMax = TimeSpan.FromMinutes(5);

    /// <param name="progress">Told after each step, for people.</param>
    public async Task RunAsync(long replayId, Signature by, Action<string> progress, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        var replays = new Replays(session.Db);
        var replay = await replays.FindAsync(replayId, cancellationToken);
        var settings = await session.SettingsAsync(await session.Buffer.Ledger.TableAsync(replay.TableId, cancellationToken), cancellationToken);
        if (replay.Mode == "rewind")
            await RewindAsync(session, replays, replay, settings, by, progress, cancellationToken);
        else if (replay.Mode == "table")
            await TableAsync(session, replays, replay, by, progress, cancellationToken);
        else
            await SideAsync(session, replays, replay, settings, by, progress, cancellationToken);
        await replays.EndAsync(replayId, "done", by, cancellationToken);
    }

    private static async Task RewindAsync(
        LakeSession session, Replays replays, ReplayEntry replay, TableSettings settings, Signature by, Action<string> progress, CancellationToken cancellationToken)
    {
        var people = new Operator(session.Db);
        var cursor = await TableCursor.ReadAsync(session.Db, replay.TableId, cancellationToken);
        // A replay that a crash left has paused the table itself.
        var goesOn = cursor.State == "active" || cursor.Reason == Reason(replay);
        if (cursor.State == "active")
            await people.SetTableStateAsync(replay.TableId, "paused", by with { Reason = Reason(replay) }, cancellationToken);
        await DrainAsync(replays, replay, cancellationToken);
        await replays.BeginAsync(replay.ReplayId, by, cancellationToken);
        var target = replay.FromSequence == 1 ? null : await TargetAsync(session, replays, replay, cancellationToken);
        await new TableRewind(session, replay, target).MoveAsync(settings, cancellationToken);
        progress($"The lake's table is back at snapshot {replay.SnapshotId}.");
        await replays.RewindAsync(replay.TableId, replay.FromSequence - 1, by, cancellationToken);
        if (goesOn)
            await people.SetTableStateAsync(replay.TableId, "active", by with { Reason = Reason(replay) }, cancellationToken);
        progress(goesOn ? "Its changes are being written again." : $"It stays {cursor.State}; 'philotes tables resume {replay.Table} --yes' writes its changes again.");
    }

    private static async Task TableAsync(
        LakeSession session, Replays replays, ReplayEntry replay, Signature by, Action<string> progress, CancellationToken cancellationToken)
    {
        await replays.BeginTableAsync(replay.ReplayId, by, cancellationToken);
        var said = "";
        while ((await replays.FindAsync(replay.ReplayId, cancellationToken)).State == "running")
        {
            var copy = (await new CopyLedger(session.Db).ProgressAsync(cancellationToken)).First(table => table.TableId == replay.TableId);
            var now = FormattableString.Invariant($"{replay.Table}: {copy.State}, {copy.Rows} rows, part {copy.RangesDone} of {copy.Ranges}{(copy.ErrorCode is { } code ? $"; {code} {copy.ErrorText}" : "")}");
            if (now != said)
                progress(now);
            said = now;
            await Task.Delay(CopyPoll, TimeProvider.System, cancellationToken);
        }
    }

    private static string Reason(ReplayEntry replay) => FormattableString.Invariant($"replay {replay.ReplayId}");

    private static async Task<RewindTarget> TargetAsync(LakeSession session, Replays replays, ReplayEntry replay, CancellationToken cancellationToken)
    {
        var batches = await new BatchEntries(session.Db).ListAsync(replay.Table, "committed", int.MaxValue, cancellationToken);
        var batch = batches.Find(entry => entry.ToSequence == replay.FromSequence - 1)
            ?? throw new PhilotesException("PH012", "The batch that the plan goes back to is not there any more. Plan again.");
        return await replays.TargetAsync(replay.TableId, null, null, batch.BatchId, cancellationToken)
            ?? throw new PhilotesException("PH012", "The batch that the plan goes back to is not there any more. Plan again.");
    }

    private static async Task DrainAsync(Replays replays, ReplayEntry replay, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        while (await replays.IsInFlightAsync(replay.TableId, cancellationToken))
        {
            if (clock.GetElapsedTime(started) > InFlightMax)
                throw new PhilotesException("PH011", $"A batch of {replay.Table} is still in flight after {InFlightMax}. End its claim with 'philotes batches release', then run the replay again.");
            await Task.Delay(InFlightWait, clock, cancellationToken);
        }
    }

    private static async Task SideAsync(
        LakeSession session, Replays replays, ReplayEntry replay, TableSettings settings, Signature by, Action<string> progress, CancellationToken cancellationToken)
    {
        await replays.BeginAsync(replay.ReplayId, by, cancellationToken);
        var writer = new SideWriter(session, replay, ReplaySettings.Of(settings, replay.Target!));
        var events = 0L;
        while (await writer.WriteNextAsync(cancellationToken) is { } written)
        {
            events += written.Events;
            await replays.AdvanceAsync(replay.ReplayId, written.NextSequence, cancellationToken);
            progress(FormattableString.Invariant($"{events} changes are in {replay.Target}, {replay.ToSequence - written.NextSequence + 1} chunks to go."));
        }
    }
}
