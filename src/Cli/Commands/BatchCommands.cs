using System.CommandLine;
using System.Globalization;
using Philotes.Buffer.Operations;

namespace Philotes.Cli;

/// <summary><c>batches list | show | retry | release</c> and <c>files list</c>: the ledger between buffer and lake.</summary>
static class BatchCommands
{
    static readonly string[] States = ["claimed", "committing", "committed", "failed", "dead", "rewound"];

    static readonly Listing<BatchEntry> Batches = new("batches", "No batch fits.",
        new("batch", "Number of the batch.", b => b.BatchId, "BATCH", b => Number(b.BatchId)) { RightAligned = true },
        new("source", "The source's name.", b => b.Source),
        new("schema", "Schema of the table.", b => b.Table.Schema),
        new("table", "The table.", b => b.Table.Table, "TABLE", b => b.Table.ToString()),
        new("state", "claimed, committing, committed, failed, dead (waits for a person) or rewound.", b => b.State, "STATE"),
        new("events", "Events in it.", b => b.Events, "EVENTS") { RightAligned = true },
        new("parked", "Of these, parked and not in a file.", b => b.Parked, "PARKED") { RightAligned = true },
        new("bytes", "Bytes of its events in the buffer.", b => b.Bytes),
        new("fromSequence", "First of the table's chunks in it.", b => b.FromSequence),
        new("toSequence", "Last of the table's chunks in it.", b => b.ToSequence),
        new("attempt", "Which try this is.", b => b.Attempt, "TRY") { RightAligned = true },
        new("claimedBy", "Machine and process that claimed it last.", b => b.ClaimedBy),
        new("claimedAt", "When.", b => b.ClaimedAt, "CLAIMED"),
        new("leaseUntil", "When the claim ends unless it is renewed.", b => b.LeaseUntil),
        new("nextTryAt", "When a failed batch is due again.", b => b.NextTryAt),
        new("committedAt", "When its snapshot was in.", b => b.CommittedAt, "COMMITTED"),
        new("snapshot", "Its Iceberg snapshot; chosen before it is committed.", b => b.SnapshotId?.ToString(CultureInfo.InvariantCulture), "SNAPSHOT"),
        new("lastLsn", "Commit LSN of its last event.", b => b.LastLsn.ToString()),
        new("lastEventAt", "Commit time of its last event.", b => b.LastEventAt),
        new("errorCode", "Why it failed; null when it did not.", b => b.ErrorCode),
        new("error", "The same in words.", b => b.ErrorText, "ERROR", b => b.ErrorCode is null ? "" : $"{b.ErrorCode} {b.ErrorText}"));

    static readonly Listing<FileEntry> Files = new("files", "No file fits.",
        new("batch", "The batch that wrote it.", f => f.BatchId, "BATCH", f => Number(f.BatchId)) { RightAligned = true },
        new("schema", "Schema of the table.", f => f.Table.Schema),
        new("table", "The table.", f => f.Table.Table, "TABLE", f => f.Table.ToString()),
        new("rows", "Rows in it.", f => f.Rows, "ROWS") { RightAligned = true },
        new("bytes", "Its size.", f => f.Bytes, "SIZE", f => Amounts.Bytes(f.Bytes)) { RightAligned = true },
        new("batchState", "The batch's state; the file is part of the table once that is committed.", f => f.BatchState, "STATE"),
        new("snapshot", "The snapshot that carries it.", f => f.SnapshotId?.ToString(CultureInfo.InvariantCulture), "SNAPSHOT"),
        new("committedAt", "When.", f => f.CommittedAt),
        new("path", "Its URI.", f => f.Path, "PATH"));

    public static Command Build(ConfigurationArguments configuration)
    {
        var table = new Option<string?>("--table", "-t") { Description = "Of this table, schema.table." };
        var state = new Option<string?>("--state") { Description = string.Join(", ", States) + "." };
        state.AcceptOnlyFromAmong(States);
        var limit = Limit();
        var command = new Command("batches", "The ledger: which events became which snapshot, and which are on their way.");
        command.Subcommands.Add(ReadVerb.List("list", "Batches, newest first.", Batches, [table, state, limit], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await new BatchEntries(buffer).ListAsync(parsed.GetValue(table) is { } name ? TableText.Parse(name) : null, parsed.GetValue(state), parsed.GetValue(limit), cancellationToken);
        }).Watched());
        var batch = Batch();
        command.Subcommands.Add(ReadVerb.Show("show", "One batch.", Batches, [batch], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await new BatchEntries(buffer).FindAsync(parsed.GetValue(batch), cancellationToken);
        }).Watched());
        command.Subcommands.Add(Retry(configuration));
        command.Subcommands.Add(Release(configuration));
        return command;
    }

    public static Command BuildFiles(ConfigurationArguments configuration)
    {
        var table = new Option<string?>("--table", "-t") { Description = "Of this table, schema.table." };
        var batch = new Option<long?>("--batch", "-b") { Description = "Of this batch." };
        var limit = Limit();
        var command = new Command("files", "The data files that batches wrote.");
        command.Subcommands.Add(ReadVerb.List("list", "Files of committed and staged batches, newest first.", Files, [table, batch, limit], async (parsed, cancellationToken) =>
        {
            await using var buffer = BufferDatabase.Open(configuration.Load(parsed).Options);
            return await new BatchEntries(buffer).FilesAsync(parsed.GetValue(table) is { } name ? TableText.Parse(name) : null, parsed.GetValue(batch), parsed.GetValue(limit), cancellationToken);
        }).Watched());
        return command;
    }

    static ChangeVerb Retry(ConfigurationArguments configuration)
    {
        var batch = Batch();
        var again = new Option<bool>("--re-encode") { Description = "Forget the staged files and encode the events again." };
        return new ChangeVerb("retry", "Makes a failed or dead batch due now, and its table active.", [batch, again], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var found = await new BatchEntries(buffer).FindAsync(parsed.GetValue(batch), cancellationToken);
            return new ChangePlan(
                [
                    $"Batch {Number(found.BatchId)} of {found.Table} is {found.State}: {found.ErrorCode} {found.ErrorText}",
                    $"It is due now{(parsed.GetValue(again) ? ", its files are encoded again" : found.Files is null ? "" : ", with the files it staged")}; if {found.Table} is blocked it goes on.",
                ],
                async (by, token) =>
                {
                    await using var db = BufferDatabase.Open(options);
                    await new Operator(db).RetryBatchAsync(found.BatchId, parsed.GetValue(again), by, token);
                    return $"Batch {Number(found.BatchId)} is due.";
                });
        });
    }

    static ChangeVerb Release(ConfigurationArguments configuration)
    {
        var batch = Batch();
        return new ChangeVerb("release", "Ends the claim of a batch, so that another writer takes it at once.", [batch], async (parsed, cancellationToken) =>
        {
            var options = configuration.Load(parsed).Options;
            await using var buffer = BufferDatabase.Open(options);
            var found = await new BatchEntries(buffer).FindAsync(parsed.GetValue(batch), cancellationToken);
            return new ChangePlan(
                [$"Batch {Number(found.BatchId)} of {found.Table} is {found.State} by {found.ClaimedBy} until {TerminalText.Of(found.LeaseUntil)}.", "Its claim ends: another writer goes on where it is, and what the old one still sends is refused."],
                async (by, token) =>
                {
                    await using var db = BufferDatabase.Open(options);
                    await new Operator(db).ReleaseBatchAsync(found.BatchId, by, token);
                    return $"Batch {Number(found.BatchId)} is free.";
                });
        });
    }

    static Argument<long> Batch() => new("batch") { Description = "Number of the batch." };

    static Option<int> Limit() => new("--limit", "-n") { Description = "How many at most.", DefaultValueFactory = _ => 50 };

    static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);
}
