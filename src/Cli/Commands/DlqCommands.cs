using System.CommandLine;
using Npgsql;
using Philotes.BatchWriter.Operations;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli;

/// <summary><c>dlq list | show | retry | rewrite | skip | export</c>: the changes that no file could hold.</summary>
static class DlqCommands
{
    const int LettersMax = 10_000;

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("dlq", "Dead letters: changes that could not be written. None is ever lost.");
        command.Subcommands.Add(List(configuration));
        command.Subcommands.Add(Show(configuration));
        command.Subcommands.Add(Retry(configuration));
        command.Subcommands.Add(Rewrite(configuration));
        command.Subcommands.Add(Skip(configuration));
        command.Subcommands.Add(Export(configuration));
        return command;
    }

    static ReadVerb List(ConfigurationArguments configuration)
    {
        var table = Table();
        return ReadVerb.List("list", "Open dead letters by table and code.", DlqListing.Groups, [table], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await new DeadLetters(buffer).GroupsAsync(Parse(parsed.GetValue(table)), cancellationToken);
        }).Watched();
    }

    static ReadVerb Show(ConfigurationArguments configuration)
    {
        var (table, code, position) = (Table(), Code(), Position());
        var all = new Option<bool>("--all") { Description = "Resolved ones too." };
        return ReadVerb.List("show", "Dead letters one by one, with their values.", DlqListing.Letters, [position, table, code, all], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await ChosenAsync(buffer, parsed.GetValue(table), parsed.GetValue(code), parsed.GetValue(position), parsed.GetValue(all) ? null : true, cancellationToken);
        });
    }

    static ChangeVerb Retry(ConfigurationArguments configuration)
    {
        var (table, code, position) = (Table(), Code(), Position());
        return new ChangeVerb("retry", "Writes dead letters as they are, after what kept them out was repaired. All of those chosen, or none.", [position, table, code], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var letters = await ChosenAsync(buffer, parsed.GetValue(table), parsed.GetValue(code), parsed.GetValue(position), open: true, cancellationToken);
            Require(letters);
            return new ChangePlan(
                [.. letters.GroupBy(letter => letter.Table).Select(group => $"{Amounts.Count(group.Count())} changes of {group.Key} are encoded with today's configuration and committed in a snapshot of their own.")],
                async (by, token) => Say(await new DeadLetterRepair(options).RunAsync(letters, null, by, token)));
        });
    }

    static ChangeVerb Rewrite(ConfigurationArguments configuration)
    {
        var position = new Argument<string>("position") { Description = "As dlq show prints it: 16/B374D848:0." };
        var set = new Option<string[]>("--value") { Description = "column=value, as the source would spell it; may be repeated.", AllowMultipleArgumentsPerToken = false };
        var setNull = new Option<string[]>("--null") { Description = "A column that becomes NULL; may be repeated.", AllowMultipleArgumentsPerToken = false };
        return new ChangeVerb("rewrite", "Writes a dead letter with corrected values; the change as it was captured is kept.", [position, set, setNull], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var letters = await ChosenAsync(buffer, null, null, parsed.GetValue(position), open: true, cancellationToken);
            Require(letters);
            var letter = letters[0];
            var values = Values(parsed.GetValue(set) ?? [], parsed.GetValue(setNull) ?? []);
            if (letter.NewTuple is not { } tuple)
                throw new PhilotesException("PH016", $"The change at {letter.Position} is a {letter.Operation.ToString().ToLowerInvariant()} without a new row; it can be retried or skipped.");
            var schema = await new SourceRegistry(buffer).LoadSchemaAsync(letter.SchemaId, cancellationToken);
            var rewritten = TupleRewrite.Apply(tuple, schema, values);
            return new ChangePlan(
                [$"The {letter.Operation.ToString().ToLowerInvariant()} of {letter.Table} at {letter.Position} is written with:", .. values.Select(pair => $"  {pair.Key} = {pair.Value ?? "NULL"}")],
                async (by, token) => Say(await new DeadLetterRepair(options).RunAsync([letter], new Dictionary<string, byte[]> { [letter.Position] = rewritten }, by, token)));
        });
    }

    static ChangeVerb Skip(ConfigurationArguments configuration)
    {
        var (table, code, position) = (Table(), Code(), Position());
        return new ChangeVerb("skip", "Writes dead letters off: they will not be in the lake. Needs --reason.", [position, table, code], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var letters = await ChosenAsync(buffer, parsed.GetValue(table), parsed.GetValue(code), parsed.GetValue(position), open: true, cancellationToken);
            if (letters.Count == 0)
                throw new PhilotesException("PH016", "No open dead letter fits.");
            return new ChangePlan(
                [.. letters.GroupBy(letter => letter.Table).Select(group => $"{Amounts.Count(group.Count())} changes of {group.Key} are written off and will be missing in the lake.")],
                async (by, token) =>
                {
                    await using var db = BufferDatabase.Open(options);
                    foreach (var group in letters.GroupBy(letter => letter.TableId))
                        await new DeadLetters(db).SkipAsync(group.Key, [.. group], by, token);
                    return $"{Amounts.Count(letters.Count)} dead letters are written off.";
                });
        });
    }

    static ReadVerb Export(ConfigurationArguments configuration)
    {
        var (table, code) = (Table(), Code());
        var file = new Option<string?>("--out", "-o") { Description = "File to write; else standard output." };
        return ReadVerb.Custom("export", "Dead letters as JSON lines, or as --output says, resolved ones too.", DlqListing.Letters, [table, code, file], async (parsed, format, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var letters = await ChosenAsync(buffer, parsed.GetValue(table), parsed.GetValue(code), null, open: null, cancellationToken);
            var path = parsed.GetValue(file);
            await using var writer = path is null ? null : OutputFile.Create(path);
            foreach (var (letter, i) in letters.Select((letter, i) => (letter, i)))
                DlqListing.Letters.WriteOne(writer ?? parsed.InvocationConfiguration.Output, format, letter, isFirst: i == 0);
            return ExitCode.Ok;
        });
    }

    static async Task<List<DeadLetter>> ChosenAsync(
        NpgsqlDataSource buffer, string? table, string? code, string? position, bool? open, CancellationToken cancellationToken) =>
        await new DeadLetters(buffer).ListAsync(Parse(table), code, ParsePosition(position), open, LettersMax, cancellationToken);

    static void Require(List<DeadLetter> letters)
    {
        if (letters.Count == 0)
            throw new PhilotesException("PH016", "No open dead letter fits.");
        if (letters.Find(letter => !letter.Committed) is { } early)
            throw new PhilotesException("PH016", $"The batch {early.BatchId} of the change at {early.Position} is not in the lake yet; retry it once it is.");
    }

    static Dictionary<string, string?> Values(string[] set, string[] nulls)
    {
        var values = nulls.ToDictionary(column => column, _ => (string?)null, StringComparer.Ordinal);
        foreach (var text in set)
        {
            var parts = text.Split('=', 2);
            values[parts[0]] = parts.Length == 2 ? parts[1] : throw CommandLineError.Of("--value", $"'{text}' needs column=value");
        }
        return values.Count > 0 ? values : throw CommandLineError.Of("--value", "at least one --value or --null is needed");
    }

    static string Say(IReadOnlyList<RepairResult> results) =>
        string.Join(Environment.NewLine, results.Select(result => $"Repair {result.RepairId}: {Amounts.Count(result.Events)} changes are in the lake, in snapshot {result.SnapshotId}."));

    static TableName? Parse(string? table) => table is null ? null : TableText.Parse(table);

    static (Lsn, long)? ParsePosition(string? text)
    {
        if (text is null)
            return null;
        var parts = text.Split(':', 2);
        return parts.Length == 2 && Lsn.TryParse(parts[0], out var lsn) && long.TryParse(parts[1], out var sequence)
            ? (lsn, sequence)
            : throw CommandLineError.Of("position", $"'{text}' is not a position; it looks like 16/B374D848:0");
    }

    static Option<string?> Table() => new("--table", "-t") { Description = "Of this table, schema.table." };

    static Option<string?> Code() => new("--code") { Description = "With this code." };

    static Argument<string?> Position() => new("position") { Description = "This one only, as dlq show prints it.", Arity = ArgumentArity.ZeroOrOne };
}
