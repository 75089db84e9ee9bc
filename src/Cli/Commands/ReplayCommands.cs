using System.CommandLine;
using System.Globalization;
using Philotes.BatchWriter.Operations;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli;

/// <summary><c>replay plan | run | status | cancel</c>: changes that the buffer still holds, written again.</summary>
static class ReplayCommands
{
    static readonly string[] Modes = ["rewind", "side", "window", "table"];

    static readonly Listing<ReplayEntry> Replays = new("replays", "Nothing was replayed.",
        new("replay", "Its number, which run and cancel take.", r => r.ReplayId, "REPLAY", r => Number(r.ReplayId)) { RightAligned = true },
        new("schema", "Schema of the table.", r => r.Table.Schema),
        new("table", "The table.", r => r.Table.Table, "TABLE", r => r.Table.ToString()),
        new("mode", "rewind, side, window or table.", r => r.Mode, "MODE"),
        new("state", "planned, running, done or cancelled.", r => r.State, "STATE"),
        new("chunksDone", "Chunks that are written again; parts of the copy, for a table.", r => r.Progress.Done),
        new("chunks", "Chunks that are to be.", r => r.Progress.Total, "CHUNKS", r => $"{Amounts.Count(r.Progress.Done)} of {Amounts.Count(r.Progress.Total)}"),
        new("target", "The lake's table that is written, where it is not the table's own.", r => r.Target, "TARGET"),
        new("plan", "What was agreed to.", r => new RawJson(r.Plan), "PLAN"),
        new("plannedAt", "When it was planned.", r => r.PlannedAt),
        new("plannedBy", "By whom.", r => r.PlannedBy),
        new("runAt", "When it was run.", r => r.RunAt),
        new("runBy", "By whom.", r => r.RunBy),
        new("reason", "Why, in that person's words.", r => r.Reason),
        new("endedAt", "When it ended.", r => r.EndedAt));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("replay", "Writes changes again that the buffer still holds.");
        command.Subcommands.Add(Plan(configuration));
        command.Subcommands.Add(Run(configuration));
        command.Subcommands.Add(ReadVerb.List("status", "Replays, newest first.", Replays, [], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await new Replays(buffer).ListAsync(limit: 50, cancellationToken);
        }).Watched());
        command.Subcommands.Add(Cancel(configuration));
        return command;
    }

    static ReadVerb Plan(ConfigurationArguments configuration)
    {
        var mode = new Option<string>("--mode") { Description = "rewind: the table goes back and its changes are written again. side: they are written to another table. window: those of a range only. table: its rows are copied from the source again.", Required = true };
        mode.AcceptOnlyFromAmong(Modes);
        var table = new Option<string>("--table", "-t") { Description = "schema.table", Required = true };
        var batch = new Option<long?>("--to-batch") { Description = "rewind: back to the end of this batch." };
        var before = new Option<string?>("--before") { Description = "rewind: back to before this position, or this time." };
        var all = new Option<bool>("--all") { Description = "rewind: back to the empty table." };
        var range = new Option<string?>("--lsn") { Description = "side and window: FROM..TO; either end may be left out." };
        var where = new Option<string?>("--where") { Description = "table: SQL over its columns; only these rows are copied, beside what is there." };
        var target = new Option<string?>("--target") { Description = "side and window: the lake's table to write, namespace.table; else the table's with _replay." };
        return ReadVerb.Show("plan", "Says what a replay would do and gives it a number. Changes nothing.", Replays, [mode, table, batch, before, all, range, target, where], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var found = await TableCommands.FindAsync(new BufferStatus(buffer), TableText.Parse(parsed.GetValue(table)!), cancellationToken);
            if (parsed.GetValue(mode) == "rewind" && parsed.GetValue(batch) is null && parsed.GetValue(before) is null && !parsed.GetValue(all))
                throw CommandLineError.Of("--mode", "a rewind needs --to-batch, --before or --all");
            var (lsn, time) = Before(parsed.GetValue(before));
            var (from, to) = Range(parsed.GetValue(range));
            var request = new ReplayRequest(
                found.Name, found.TableId, parsed.GetValue(mode)!, parsed.GetValue(batch), lsn, time, parsed.GetValue(all), from, to, parsed.GetValue(target), parsed.GetValue(where));
            return await new ReplayPlanner(options).PlanAsync(request, Environment.UserName, cancellationToken);
        }, (output, replay) =>
        {
            Replays.WriteDetails(output, replay);
            output.WriteLine($"Nothing was changed. Run it with: philotes replay run {Number(replay.ReplayId)} --yes");
        });
    }

    static ChangeVerb Run(ConfigurationArguments configuration)
    {
        var number = new Argument<long>("replay") { Description = "Its number, from replay plan." };
        return new ChangeVerb("run", "Does what was planned, or goes on with it after a crash.", [number], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var replay = await new Replays(buffer).FindAsync(parsed.GetValue(number), cancellationToken);
            var output = parsed.InvocationConfiguration.Error;
            return new ChangePlan([$"Replay {Number(replay.ReplayId)} ({replay.Mode}) of {replay.Table} is {replay.State}.", replay.Plan], async (by, token) =>
            {
                await new ReplayRun(options).RunAsync(replay.ReplayId, by, line => output.WriteLine(TerminalText.Clean(line)), token);
                return $"Replay {Number(replay.ReplayId)} is done.";
            });
        });
    }

    static ChangeVerb Cancel(ConfigurationArguments configuration)
    {
        var number = new Argument<long>("replay") { Description = "Its number." };
        return new ChangeVerb("cancel", "Gives a replay up and lets go what it pinned. What a side table has by then stays there.", [number], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var replay = await new Replays(buffer).FindAsync(parsed.GetValue(number), cancellationToken);
            if (replay is { State: "running", Mode: "rewind" })
                throw new PhilotesException("PH017", $"Replay {Number(replay.ReplayId)} is half way between lake and buffer; 'philotes replay run {Number(replay.ReplayId)} --yes' brings it to its end.");
            return new ChangePlan([$"Replay {Number(replay.ReplayId)} of {replay.Table} is {replay.State}; it is given up."], async (by, token) =>
            {
                await using var db = BufferDatabase.Open(options);
                await (replay.Mode == "table"
                    ? new Replays(db).CancelTableAsync(replay.ReplayId, by, token)
                    : new Replays(db).EndAsync(replay.ReplayId, "cancelled", by, token));
                return $"Replay {Number(replay.ReplayId)} is cancelled.";
            });
        });
    }

    static (Lsn? Lsn, DateTimeOffset? Time) Before(string? text)
    {
        if (text is null)
            return (null, null);
        if (Lsn.TryParse(text, out var lsn))
            return (lsn, null);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (null, time)
            : throw CommandLineError.Of("--before", $"'{text}' is neither a position such as 16/B374D848 nor a time such as 2026-11-20T12:00Z");
    }

    static (Lsn? From, Lsn? To) Range(string? text)
    {
        if (text is null)
            return (null, null);
        var parts = text.Split("..", 2);
        return parts.Length == 2 ? (Position(parts[0]), Position(parts[1])) : throw CommandLineError.Of("--lsn", $"'{text}' is not a range; it looks like 16/B374D848..16/B3750000");
    }

    static Lsn? Position(string text) => text.Length == 0 ? null : Lsn.TryParse(text, out var lsn) ? lsn : throw CommandLineError.Of("--lsn", $"'{text}' is not a position");

    static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);
}
