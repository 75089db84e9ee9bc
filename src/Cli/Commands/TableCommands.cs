using System.CommandLine;
using System.Globalization;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli;

/// <summary><c>tables list | show | pause | resume | resync</c>.</summary>
static class TableCommands
{
    static readonly Listing<(TableStatus Table, DateTimeOffset At)> Tables = new("tables", "No table has been captured yet.",
        new("source", "The source's name.", r => r.Table.Source),
        new("schema", "Schema of the table.", r => r.Table.Name.Schema),
        new("table", "The table.", r => r.Table.Name.Table, "TABLE", r => r.Table.Name.ToString()),
        new("state", "active, paused, blocked, resync or dropped.", r => r.Table.State, "STATE"),
        new("reason", "Why it is not active.", r => r.Table.StateReason),
        new("buffered", "Events captured so far.", r => r.Table.RowsIn, "CAPTURED") { RightAligned = true },
        new("committed", "Events in the lake so far.", r => r.Table.RowsOut, "IN LAKE") { RightAligned = true },
        new("pending", "Events that the lake lacks.", r => r.Table.RowsPending, "PENDING") { RightAligned = true },
        new("behindBytes", "How far the lake is behind in the source's log, in bytes.", r => r.Table.BytesBehind),
        new("freshnessSeconds", "Age of the oldest change that the lake lacks; 0 when it lacks none.", r => Freshness.Of(r.Table, r.At), "FRESHNESS") { RightAligned = true },
        new("lastChange", "Commit time of the newest change in the lake.", r => r.Table.CommittedAt, "LAST CHANGE"),
        new("snapshot", "The table's newest snapshot of ours.", r => r.Table.SnapshotId?.ToString(CultureInfo.InvariantCulture)),
        new("parked", "Open dead letters.", r => r.Table.ParkedEvents, "PARKED") { RightAligned = true },
        new("replaced", "Values that the lake's columns cannot hold: NULL there, kept in philotes.value_exception.", r => r.Table.ReplacedValues, "REPLACED") { RightAligned = true },
        new("errorCode", "Why the oldest open batch failed.", r => r.Table.BatchErrorCode),
        new("error", "The same in words.", r => r.Table.BatchErrorText, "NOTE", r => r.Table.BatchErrorCode is { } code ? $"{code} {r.Table.BatchErrorText}" : r.Table.StateReason ?? ""));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("tables", "The captured tables.");
        command.Subcommands.Add(ReadVerb.List("list", "Every table with its state and how far the lake is.", Tables, [], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            var report = await new BufferStatus(buffer).ReadAsync(cancellationToken);
            return [.. report.Tables.Select(table => (table, report.At))];
        }).Watched());
        command.Subcommands.Add(TableShow.Build(configuration));
        command.Subcommands.Add(Change(configuration, "pause", "paused", "Writes no more batches of a table, until it is resumed. Its changes go on into the buffer.",
            "No batch of it is begun any more; one in flight ends. Its changes wait in the buffer and pin it until it is resumed."));
        command.Subcommands.Add(Change(configuration, "resume", "active", "Lets a paused or blocked table go on; what had failed is due at once.",
            "Batches of it are written again, beginning with the one that failed, if one did."));
        command.Subcommands.Add(Resync(configuration));
        return command;
    }

    static ChangeVerb Resync(ConfigurationArguments configuration)
    {
        var name = new Argument<string>("table") { Description = "schema.table" };
        var where = new Option<string?>("--where") { Description = "SQL over the table's columns: only these rows are copied, beside what is there." };
        var gone = new Option<string?>("--gone") { Description = "Keys of rows that only the lake has, as JSON ([{\"id\": \"60\"}]): they are deleted there, unless the source has the row after all." };
        var cancel = new Option<bool>("--cancel") { Description = "Gives up a copy of the whole table that is under way: the lake keeps the rows that it has." };
        return new ChangeVerb("resync", "Copies a table's rows again while everything else goes on; no change is lost to it.", [name, where, gone, cancel], async (parsed, cancellationToken) =>
        {
            var (options, keys) = (configuration.Load(parsed).Options, Keys(parsed.GetValue(gone)));
            var predicate = parsed.GetValue(where) ?? (keys is null ? null : "false");
            if (parsed.GetValue(cancel) && predicate is not null)
                throw CommandLineError.Of("--cancel", "gives up a copy of all rows and goes with neither --where nor --gone");
            await using var buffer = BufferDatabase.Open(options);
            var table = await FindAsync(new BufferStatus(buffer), TableText.Parse(parsed.GetValue(name)!), cancellationToken);
            return parsed.GetValue(cancel) ? CancelResync(options, table) : new ChangePlan(
                [
                    predicate is null
                        ? $"The changelog of {table.Name} gets a truncate and then every row of the source as read, at a point that is taken now."
                        : $"The changelog of {table.Name} gets the rows of the source where {predicate} once more as read, at a point that is taken now. {(keys is null ? "Rows that the source has no more stay." : $"Of the keys {keys} it gets a delete, where the source has no such row.")}",
                    "Its changes wait in the buffer until the rows are copied; readers keep what they have until then. 'philotes snapshot status' shows how far it is.",
                ],
                async (by, token) =>
                {
                    await using var db = BufferDatabase.Open(options);
                    if (keys is null)
                        await new Operator(db).ResyncTableAsync(table.TableId, predicate, by, token);
                    else
                        await new Operator(db).ResyncRowsAsync(table.TableId, predicate!, keys, by, token);
                    return $"Table {table.Name} is copied again.";
                });
        });
    }

    static ChangePlan CancelResync(PhilotesOptions options, TableStatus table) => new(
        [
            $"What was copied of {table.Name} is taken back. The lake keeps the rows that it has, and the table's changes go on from there.",
            "Where the copy was asked for because changes had been lost, they stay lost: 'philotes verify hash' shows what differs.",
        ],
        async (by, token) =>
        {
            await using var db = BufferDatabase.Open(options);
            await new Operator(db).CancelResyncAsync(table.TableId, by, token);
            return $"Table {table.Name} is not copied again.";
        });

    /// <summary>As given, once it is known to be an array of objects that hold texts.</summary>
    static string? Keys(string? text)
    {
        if (text is null)
            return null;
        try
        {
            using var keys = System.Text.Json.JsonDocument.Parse(text);
            if (keys.RootElement.EnumerateArray().All(key => key.EnumerateObject().Any() && key.EnumerateObject().All(column => column.Value.GetString() is not null)))
                return text;
        }
        catch (Exception malformed) when (malformed is System.Text.Json.JsonException or InvalidOperationException)
        {
            throw CommandLineError.Of("--gone", $"is not a list of keys such as [{{\"id\": \"60\"}}]: {malformed.Message}");
        }

        throw CommandLineError.Of("--gone", "is not a list of keys such as [{\"id\": \"60\"}]");
    }

    static ChangeVerb Change(ConfigurationArguments configuration, string verb, string state, string description, string consequence)
    {
        var name = new Argument<string>("table") { Description = "schema.table" };
        return new ChangeVerb(verb, description, [name], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var table = await FindAsync(new BufferStatus(buffer), TableText.Parse(parsed.GetValue(name)!), cancellationToken);
            return new ChangePlan(
                [$"Table {table.Name} is {table.State}{(table.StateReason is { } why ? $" ({why})" : "")}, with {Amounts.Count(table.RowsPending)} changes pending.", consequence],
                async (by, token) =>
                {
                    await using var db = BufferDatabase.Open(options);
                    await new Operator(db).SetTableStateAsync(table.TableId, state, by, token);
                    return $"Table {table.Name} is {state}.";
                });
        });
    }

    /// <summary>The newest table of this name. PH014 when the buffer knows none.</summary>
    public static async Task<TableStatus> FindAsync(BufferStatus status, TableName name, CancellationToken cancellationToken)
    {
        var report = await status.ReadAsync(cancellationToken);
        return report.Tables.LastOrDefault(table => table.Name == name)
            ?? throw new PhilotesException("PH014", $"The buffer knows no table {name}. 'philotes tables list' shows those it knows.");
    }
}
