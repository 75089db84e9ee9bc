using System.Globalization;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>Compares a lake table with the buffer's ledger: its mark, its rows, and that each of its files is there with its length.</summary>
public sealed class LakeVerification(PhilotesOptions options)
{
    /// <summary>What does not fit, in sentences; empty when all does.</summary>
    public async Task<LakeAccount> RunAsync(TableStatus status, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        var buffered = await session.Buffer.Ledger.TableAsync(status.TableId, cancellationToken);
        var settings = await session.SettingsAsync(buffered, cancellationToken);
        var before = await TableCursor.ReadAsync(session.Db, status.TableId, cancellationToken);
        var table = await session.FindTableAsync(settings, cancellationToken)
            ?? throw new PhilotesException("PH304", $"Table {TargetTables.NameOf(settings)} is not in the catalog.");
        var totals = await TableCursor.TotalsAsync(session.Db, status.TableId, cancellationToken);
        var after = await TableCursor.ReadAsync(session.Db, status.TableId, cancellationToken);
        var store = await session.Lake.StoreAsync(table, cancellationToken);
        var files = await LakeRows.FilesAsync(table.Metadata, store, cancellationToken);
        List<string> problems = [];
        var mark = HighWaterMark.Read(table.Metadata.Properties, buffered.SourceName)?.Sequence ?? 0;
        if (mark < before.Committed || mark > Math.Max(after.Claimed, before.Claimed))
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"the lake's table ends at chunk {mark}, the buffer's cursor at {before.Committed}"));
        var rows = files.Sum(file => file.RecordCount);
        if (before.Committed == after.Committed && mark == after.Committed && rows != totals.Events - totals.Parked)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"the lake's table has {rows} rows, the ledger {totals.Events} events of which {totals.Parked} are parked"));
        foreach (var file in files)
        {
            var length = await store.HeadAsync(file.FilePath, cancellationToken);
            if (length != file.FileSizeInBytes)
                problems.Add(length is null ? $"{file.FilePath} is not there" : string.Create(CultureInfo.InvariantCulture, $"{file.FilePath} has {length} bytes instead of {file.FileSizeInBytes}"));
        }

        return new LakeAccount(status.Name, rows, files.Count, mark, totals.Events, totals.Parked, problems);
    }
}
