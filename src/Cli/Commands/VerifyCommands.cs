using System.CommandLine;
using Philotes.BatchWriter.Operations.Verification;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli;

/// <summary><c>verify counts | hash | lake | ledger</c>: the proof that the lake equals the source, or the names of the rows that do not. Exit code 8 if it does not.</summary>
static class VerifyCommands
{
    static readonly Listing<VerificationResult> Results = new("verification", "No table has been captured yet.",
        new("schema", "Schema of the table.", v => v.Table.Schema),
        new("table", "The table.", v => v.Table.Table, "TABLE", v => v.Table.ToString()),
        new("equal", "Whether both sides have the same rows.", v => v.IsEqual, "EQUAL"),
        new("at", "The position at which both were compared.", v => v.At.ToString(), "AT"),
        new("sourceRows", "Rows at the source.", v => v.SourceRows, "SOURCE") { RightAligned = true },
        new("lakeRows", "Rows that the changelog leaves in the lake.", v => v.LakeRows, "LAKE") { RightAligned = true },
        new("buckets", "Ranges of keys that were hashed.", v => v.Buckets),
        new("differingBuckets", "Of these, those that differ.", v => v.DifferingBuckets, "DIFFERING RANGES") { RightAligned = true },
        new("differences", "The first rows that differ: key, and missing, extra or different.", v => v.Rows.Select(row => $"{row.Key}: {row.Difference}")),
        new("changedSince", "Rows that changed after the position: whether they were there is compared, not their values.", v => v.ChangedSince),
        new("repair", "The command that puts the differing rows right; null where nothing differs.", v => v.Repair),
        new("notCompared", "Columns that were left out: they have no common spelling.", v => v.NotCompared, "NOT COMPARED"),
        new("parked", "Open dead letters, which the lake is known to lack.", v => v.Parked, "PARKED") { RightAligned = true });

    static readonly Listing<LakeAccount> Accounts = new("lakeAccounts", "No table has been captured yet.",
        new("schema", "Schema of the table.", a => a.Table.Schema),
        new("table", "The table.", a => a.Table.Table, "TABLE", a => a.Table.ToString()),
        new("fits", "Whether lake and ledger agree.", a => a.Problems.Count == 0, "FITS"),
        new("rows", "Rows in the lake's table.", a => a.Rows, "ROWS") { RightAligned = true },
        new("files", "Its files; each was looked for.", a => a.Files, "FILES") { RightAligned = true },
        new("events", "Events of committed batches.", a => a.Events, "EVENTS") { RightAligned = true },
        new("parked", "Of these, in no file.", a => a.Parked, "PARKED") { RightAligned = true },
        new("mark", "The last of the table's chunks in the lake.", a => a.Mark),
        new("problems", "What does not fit.", a => a.Problems, "PROBLEMS"));

    static readonly Listing<string> Broken = new("ledgerViolations", $"All {LedgerRules.Count} rules of the ledger hold.",
        new Field<string>("violation", "The rule that does not hold, and the first places where it does not.", text => text, "VIOLATION"));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("verify", "Proves that the lake equals the source.");
        command.Subcommands.Add(Compare(configuration, "counts", VerificationDepth.Counts, "Compares which rows there are, at one position."));
        command.Subcommands.Add(Compare(configuration, "hash", VerificationDepth.Hashes, "Compares every value of every row, at one position, and names the rows that differ."));
        command.Subcommands.Add(Lake(configuration));
        command.Subcommands.Add(Ledger(configuration));
        return command;
    }

    static ReadVerb Compare(ConfigurationArguments configuration, string name, VerificationDepth depth, string description)
    {
        var table = Table();
        var at = new Option<string?>("--at") { Description = "The position at which both are compared; else the source's of now. Of rows that changed since then only whether they were there is known." };
        var wait = new Option<string>("--wait") { Description = "How long to wait for the lake to get there.", DefaultValueFactory = _ => "5m" };
        var limit = new Option<int>("--limit", "-n") { Description = "How many differing rows to name.", DefaultValueFactory = _ => 100 };
        return ReadVerb.Custom(name, description, Results, [table, at, wait, limit], async (parsed, format, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            if (options.Source.Connection is null)
                throw CommandLineError.Of("source.connection", "is missing; this command reads the source");
            Lsn? position = parsed.GetValue(at) is not { } text ? null : Lsn.TryParse(text, out var lsn) ? lsn : throw CommandLineError.Of("--at", $"'{text}' is not a position; it looks like 16/B374D848");
            if (!DurationText.TryParse(parsed.GetValue(wait)!, out var patience))
                throw CommandLineError.Of("--wait", "needs a duration with its unit, such as 5m");
            var error = parsed.InvocationConfiguration.Error;
            List<VerificationResult> results = [];
            foreach (var status in await TablesAsync(options, parsed.GetValue(table), cancellationToken))
            {
                results.Add(await new TableVerification(options).RunAsync(
                    status, depth, position, patience, parsed.GetValue(limit), line => error.WriteLine(TerminalText.Clean(line)), cancellationToken));
            }
            Results.Write(parsed.InvocationConfiguration.Output, format, results, output => Write(output, results));
            return results.TrueForAll(result => result.IsEqual) ? ExitCode.Ok : ExitCode.Threshold;
        });
    }

    static void Write(TextWriter output, List<VerificationResult> results)
    {
        Results.WriteTable(output, results);
        foreach (var result in results.Where(result => !result.IsEqual))
        {
            output.WriteLine(TerminalText.Clean($"{result.Table} by {string.Join(", ", result.KeyColumns)}:"));
            foreach (var row in result.Rows)
                output.WriteLine(TerminalText.Clean($"  {row.Key}  {row.Difference}"));
            output.WriteLine(TerminalText.Clean($"Look at one: philotes events find --table {result.Table} --key …"));
            output.WriteLine(TerminalText.Clean($"Write the table's changes again: philotes replay plan --mode rewind --table {result.Table} --before …"));
            output.WriteLine(TerminalText.Clean($"Or copy these rows from the source: {result.Repair}"));
        }
    }

    static ReadVerb Lake(ConfigurationArguments configuration)
    {
        var table = Table();
        return ReadVerb.Custom("lake", "Compares the lake with the buffer's ledger: marks, rows, and every file.", Accounts, [table], async (parsed, format, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            List<LakeAccount> accounts = [];
            foreach (var status in (await TablesAsync(options, parsed.GetValue(table), cancellationToken)).Where(status => status.RowsOut > 0))
                accounts.Add(await new LakeVerification(options).RunAsync(status, cancellationToken));
            Accounts.Write(parsed.InvocationConfiguration.Output, format, accounts);
            return accounts.TrueForAll(account => account.Problems.Count == 0) ? ExitCode.Ok : ExitCode.Threshold;
        });
    }

    static ReadVerb Ledger(ConfigurationArguments configuration) => ReadVerb.Custom("ledger", "Checks the buffer against its own rules: chunks dense and complete, batches without gap or overlap.", Broken, [], async (parsed, format, cancellationToken) =>
    {
        await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
        var violations = await LedgerRules.ViolationsAsync(buffer, cancellationToken);
        Broken.Write(parsed.InvocationConfiguration.Output, format, violations);
        return violations.Count == 0 ? ExitCode.Ok : ExitCode.Threshold;
    });

    static async Task<IReadOnlyList<TableStatus>> TablesAsync(PhilotesOptions options, string? table, CancellationToken cancellationToken)
    {
        await using var buffer = BufferDatabase.Open(options);
        var status = new BufferStatus(buffer);
        if (table is not null)
            return [await TableCommands.FindAsync(status, TableText.Parse(table), cancellationToken)];
        return [.. (await status.ReadAsync(cancellationToken)).Tables.Where(candidate => candidate.State != "dropped")];
    }

    static Option<string?> Table() => new("--table", "-t") { Description = "This table only, schema.table; else every table." };
}
