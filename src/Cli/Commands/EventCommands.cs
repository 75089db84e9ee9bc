using System.CommandLine;
using Npgsql;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli;

/// <summary><c>events tail | find | show | count | export</c>: the changes in the buffer, and what became of them.</summary>
static class EventCommands
{
    /// <summary>Tables of one snapshot that are looked at.</summary>
    const int SamePositionMax = 20;

    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("events", "The changes that the buffer holds, and where each one went.");
        command.Subcommands.Add(Tail(configuration));
        command.Subcommands.Add(Find(configuration));
        command.Subcommands.Add(Show(configuration));
        command.Subcommands.Add(Count(configuration));
        command.Subcommands.Add(Export(configuration));
        return command;
    }

    static ReadVerb Tail(ConfigurationArguments configuration)
    {
        var filters = new EventFilterOptions();
        var limit = new Option<int>("--limit", "-n") { Description = "How many of the newest.", DefaultValueFactory = _ => 20 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what comes, until Ctrl-C." };
        return ReadVerb.Custom("tail", "The newest changes. With --json one JSON document a line.", EventListing.Of, [.. filters.Symbols, limit, follow], async (parsed, format, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var events = new EventReader(buffer);
            var filter = await filters.ReadAsync(parsed, events, cancellationToken);
            var page = await events.LastAsync(filter, parsed.GetValue(limit), cancellationToken);
            Write(parsed, format, page, isFirst: true);
            while (parsed.GetValue(follow))
            {
                if (page.Count > 0)
                    filter = filter with { After = (page[^1].CommitLsn, page[^1].TxSeq) };
                await Task.Delay(Poll, TimeProvider.System, cancellationToken);
                page = await events.FirstAsync(filter, parsed.GetValue(limit), cancellationToken);
                if (page.Count > 0)
                    Write(parsed, format, page, isFirst: false);
            }
            return ExitCode.Ok;
        });
    }

    static ReadVerb Find(ConfigurationArguments configuration)
    {
        var filters = new EventFilterOptions();
        var limit = new Option<int>("--limit", "-n") { Description = "How many at most.", DefaultValueFactory = _ => 100 };
        return ReadVerb.List("find", "Changes that fit, in the source's order.", EventListing.Of, [.. filters.Symbols, limit], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var events = new EventReader(buffer);
            return await events.FirstAsync(await filters.ReadAsync(parsed, events, cancellationToken), parsed.GetValue(limit), cancellationToken);
        });
    }

    static ReadVerb Show(ConfigurationArguments configuration)
    {
        var position = new Argument<string>("position") { Description = "As the other verbs print it: 16/B374D848:0." };
        var table = new Option<string?>("--table", "-t") { Description = "Of this table, schema.table; rows that were copied of several tables can have one position." };
        return ReadVerb.Show("show", "One change: old and new values, and its way to the lake.", EventListing.Of, [position, table], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await FindOneAsync(buffer, parsed.GetValue(position)!, parsed.GetValue(table), cancellationToken);
        }, EventListing.WriteDetails).Watched();
    }

    static async Task<BufferedEvent> FindOneAsync(NpgsqlDataSource buffer, string text, string? table, CancellationToken cancellationToken)
    {
        var parts = text.Split(':', 2);
        if (parts.Length != 2 || !Lsn.TryParse(parts[0], out var lsn) || !long.TryParse(parts[1], out var sequence))
            throw CommandLineError.Of("position", $"'{text}' is not a position; it looks like 16/B374D848:0");
        var filter = new EventFilter(table is null ? null : TableText.Parse(table), FromLsn: lsn, ToLsn: lsn, After: (lsn, sequence - 1));
        var found = (await new EventReader(buffer).FirstAsync(filter, SamePositionMax, cancellationToken)).Where(change => change.TxSeq == sequence).ToList();
        return found switch
        {
            [{ } only] => only,
            [] => throw new PhilotesException("PH014", $"The buffer holds no change at {text}. It may be dropped by retention; 'philotes events find' looks for others."),
            _ => throw CommandLineError.Of("--table", $"{string.Join(", ", found.Select(change => change.Table.ToString()).Order(StringComparer.Ordinal))} have a row at {text}; name one"),
        };
    }

    static ReadVerb Count(ConfigurationArguments configuration)
    {
        var filters = new EventFilterOptions();
        return ReadVerb.List("count", "How many changes fit, by table, operation and status.", EventListing.Counts, filters.Symbols, async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var events = new EventReader(buffer);
            return await events.CountAsync(await filters.ReadAsync(parsed, events, cancellationToken), cancellationToken);
        });
    }

    static ReadVerb Export(ConfigurationArguments configuration)
    {
        var filters = new EventFilterOptions();
        var file = new Option<string?>("--out", "-o") { Description = "File to write; else standard output." };
        return ReadVerb.Custom("export", "Every change that fits as JSON lines, or as --output says, table by table in the source's order.", EventListing.Of, [.. filters.Symbols, file], async (parsed, format, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var events = new EventReader(buffer);
            var filter = await filters.ReadAsync(parsed, events, cancellationToken);
            var path = parsed.GetValue(file);
            await using var writer = path is null ? null : OutputFile.Create(path);
            var written = 0L;
            await foreach (var found in events.AllAsync(filter, cancellationToken))
            {
                EventListing.Of.WriteOne(writer ?? parsed.InvocationConfiguration.Output, format, found, isFirst: written++ == 0);
            }
            if (path is not null)
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"{Amounts.Count(written)} changes are in {path}.");
            return ExitCode.Ok;
        });
    }

    static void Write(ParseResult parsed, OutputFormat format, IReadOnlyList<BufferedEvent> page, bool isFirst)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (format == OutputFormat.Table)
        {
            EventListing.Of.WriteTable(output, page);
            return;
        }
        foreach (var (found, i) in page.Select((found, i) => (found, i)))
            EventListing.Of.WriteOne(output, format, found, isFirst && i == 0);
    }
}
