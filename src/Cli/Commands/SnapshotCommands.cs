using System.CommandLine;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary><c>snapshot status | pause | resume</c>: the copies of rows that tables had before their changes were captured.</summary>
static class SnapshotCommands
{
    static readonly Listing<CopyProgress> Copies = new("copies", "No table was ever copied.",
        new("source", "The source's name.", r => r.Source),
        new("schema", "Schema of the table.", r => r.Name.Schema),
        new("table", "The table.", r => r.Name.Table, "TABLE", r => r.Name.ToString()),
        new("state", "waiting, copying, catching up, active or dropped.", r => r.State, "STATE", r => r.Paused ? r.State + " (paused)" : r.State),
        new("progress", "How much of it is copied, 0 to 1.", r => CopyText.Ratio(r), "PROGRESS", r => CopyText.Bar(CopyText.Ratio(r))),
        new("rows", "Rows copied.", r => r.Rows, "ROWS") { RightAligned = true },
        new("rowsExpected", "The source's estimate when the copy began.", r => r.RowsExpected, "OF ABOUT") { RightAligned = true },
        new("bytes", "Bytes of the source's table that are copied, TOAST included.", r => r.Bytes, "SIZE", CopyText.Size) { RightAligned = true },
        new("bytesExpected", "Bytes of the source's table.", r => r.BytesExpected),
        new("part", "Parts that are copied.", r => r.RangesDone, "PART", CopyText.Parts) { RightAligned = true },
        new("parts", "Parts of the copy.", r => r.Ranges),
        new("attempt", "1, or more when the table was copied again.", r => r.Attempt),
        new("startedAt", "When its copy began.", r => r.StartedAt),
        new("finishedAt", "When its last row was in the buffer.", r => r.FinishedAt),
        new("errorCode", "What stands in its way.", r => r.ErrorCode),
        new("error", "The same in words.", r => r.ErrorText, "NOTE", r => r.ErrorCode is { } code ? $"{code} {r.ErrorText}" : CopyText.Remaining(r, TimeProvider.System.GetUtcNow())));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("snapshot", "The initial copy of tables.");
        command.Subcommands.Add(ReadVerb.List("status", "Every table that was, is or will be copied, unfinished ones first.", Copies, [], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await new CopyLedger(buffer).ProgressAsync(cancellationToken);
        }).Watched());
        command.Subcommands.Add(Pause(configuration, "pause", paused: true, "Begins no part of a copy any more, until it is resumed; the stream goes on.",
            "Parts in work are finished, and none begins until copying is resumed. The snapshot stays open at the source, which cannot vacuum what it sees."));
        command.Subcommands.Add(Pause(configuration, "resume", paused: false, "Goes on with the copies.", "Copying goes on where it was."));
        return command;
    }

    static ChangeVerb Pause(ConfigurationArguments configuration, string verb, bool paused, string description, string consequence) => new(verb, description, [], async (parsed, cancellationToken) =>
    {
        var options = configuration.Load(parsed).Options;
        await using var buffer = BufferDatabase.Open(options);
        var unfinished = (await new CopyLedger(buffer).ProgressAsync(cancellationToken)).Count(table => table.IsUnfinished && table.Source == options.Source.Name);
        return new ChangePlan([$"{unfinished} tables of source {options.Source.Name} wait or are being copied.", consequence], async (by, token) =>
        {
            await using var db = BufferDatabase.Open(options);
            await new Operator(db).PauseCopiesAsync(options.Source.Name, paused, by, token);
            return $"Copying of source {options.Source.Name} is {(paused ? "paused" : "resumed")}.";
        });
    });
}
