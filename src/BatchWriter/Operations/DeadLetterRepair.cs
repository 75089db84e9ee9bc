using System.Globalization;
using System.Text.Json;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Files;
using Philotes.BatchWriter.Orphans;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Iceberg.Planning;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>
/// Writes dead letters into the lake after all, as they are or as a person corrected them.
/// <code>
/// open ──encode, upload──▶ staged ──commit──▶ committed: the dead letters are resolved
///   └── an event still cannot be written: cancelled, nothing was sent
/// </code>
/// A crash leaves the repair open: the next one of the table goes on with it first, and the table's property says whether it was in.
/// </summary>
public sealed class DeadLetterRepair(PhilotesOptions options)
{
    private const int LettersMax = 10_000;

    /// <param name="rewritten">Corrected images by position; null for a retry as they are.</param>
    public async Task<IReadOnlyList<RepairResult>> RunAsync(
        IReadOnlyList<DeadLetter> letters, IReadOnlyDictionary<string, byte[]>? rewritten, Signature by, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        var results = new List<RepairResult>();
        foreach (var table in letters.GroupBy(letter => letter.TableId))
        {
            if (await session.Buffer.Letters.FindRepairAsync(table.Key, cancellationToken) is { } left)
                results.Add(await FinishAsync(session, table.Key, left, cancellationToken));
            var open = (await session.Buffer.Letters.ListAsync(table.First().Table, null, null, open: true, LettersMax, cancellationToken))
                .Where(letter => table.Any(wanted => wanted.Chunk == letter.Chunk && wanted.Ordinal == letter.Ordinal)).ToList();
            if (open.Count == 0)
                continue;
            await session.Buffer.Letters.OpenRepairAsync(table.Key, open, rewritten, by, cancellationToken);
            var repair = await session.Buffer.Letters.FindRepairAsync(table.Key, cancellationToken)
                ?? throw new PhilotesException("PH015", "Another repair of the table was faster. Try again.");
            results.Add(await FinishAsync(session, table.Key, repair, cancellationToken));
        }

        return results;
    }

    private static async Task<RepairResult> FinishAsync(LakeSession session, int tableId, Repair repair, CancellationToken cancellationToken)
    {
        var source = await session.Buffer.Ledger.TableAsync(tableId, cancellationToken);
        var settings = await session.SettingsAsync(source, cancellationToken);
        if (repair.Files is null)
        {
            await StageAsync(session, source, settings, repair, cancellationToken);
            repair = await session.Buffer.Letters.FindRepairAsync(tableId, cancellationToken)
                ?? throw new PhilotesException("PH015", $"Repair {repair.RepairId} was ended by somebody else.");
        }

        var name = TargetTables.NameOf(settings);
        var loaded = await (await session.Lake.CatalogAsync(cancellationToken)).LoadTableAsync(name, cancellationToken);
        var staged = StagedBatchJson.Read(repair.Files!, repair.SnapshotId!.Value, specId => TargetTable.Find(loaded, specId), loaded.Metadata.Schema);
        var committer = new RepairCommitter(await session.Lake.CatalogAsync(cancellationToken), session.Lake, Announcer.Of(session.Buffer.Objects, repair), TimeProvider.System);
        var (snapshot, mark) = await committer.CommitAsync(name, source, repair.RepairId, staged, repair.RequestId!.Value, cancellationToken);
        return new RepairResult(repair.RepairId, await session.Buffer.Letters.FinishRepairAsync(repair.RepairId, snapshot, mark, cancellationToken), snapshot);
    }

    private static async Task StageAsync(LakeSession session, BufferedTable source, TableSettings settings, Repair repair, CancellationToken cancellationToken)
    {
        var places = Places(repair.Items);
        var letters = (await session.Buffer.Letters.ListAsync(source.TableName, null, null, open: true, LettersMax, cancellationToken))
            .Where(letter => letter.TableId == source.TableId && places.Contains((letter.Chunk, letter.Ordinal))).ToList();
        try
        {
            TargetTable? target = null;
            var staged = new List<StagedBatch>();
            var snapshotId = SnapshotIds.From(Guid.NewGuid());
            foreach (var chunk in letters.GroupBy(letter => (letter.TableSequence, letter.SchemaId)))
            {
                var schema = await session.Buffer.Registry.LoadSchemaAsync(chunk.Key.SchemaId, cancellationToken);
                target = await (await session.Lake.TablesAsync(Announcer.Of(session.Buffer.Objects, repair), cancellationToken)).EnsureAsync(source, schema, settings, isBegun: true, cancellationToken);
                staged.Add(await EncodeAsync(session, source, target, schema, settings, repair, [.. chunk], snapshotId, cancellationToken));
            }

            var all = new StagedBatch(target!.Loaded.Metadata.TableUuid, snapshotId, [.. staged.SelectMany(part => part.Files)], Parked: 0);
            await session.Buffer.Letters.StageRepairAsync(
                repair.RepairId, StagedBatchJson.Write(all, target.Spec, target.Schema), snapshotId, Guid.CreateVersion7(), cancellationToken);
        }
        catch (PhilotesException e) when (e.Code is "PH401" or "PH405")
        {
            await session.Buffer.Letters.CancelRepairAsync(repair.RepairId, CancellationToken.None);
            throw;
        }
    }

    private static async Task<StagedBatch> EncodeAsync(
        LakeSession session, BufferedTable source, TargetTable target, TableSchema schema, TableSettings settings, Repair repair, IReadOnlyList<DeadLetter> letters,
        long snapshotId, CancellationToken cancellationToken)
    {
        var fates = new EventFates(schema, OnPoison.BlockTable) { Only = letters.Select(letter => (letter.Chunk, letter.Ordinal)).ToHashSet() };
        foreach (var letter in letters.Where(letter => letter.RewrittenTuple is not null && repair.Resolution == "rewritten"))
            fates.Rewrite(letter.Chunk, letter.Ordinal, letter.RewrittenTuple!);
        var chunk = await ChunkBatches.OfChunkAsync(session.Db, source.TableId, letters[0].TableSequence, cancellationToken);
        var attempt = await session.Buffer.Letters.NextAttemptAsync(cancellationToken);
        var encoder = await session.EncoderAsync(target.Loaded, Announcer.Of(session.Buffer.Objects, repair), cancellationToken);
        var name = string.Create(CultureInfo.InvariantCulture, $"repair-{repair.RepairId:d10}-{attempt}");
        return await encoder.EncodeAsync(chunk, name, target, schema, settings, fates, snapshotId, (_, encoded, _) => RequireAll(encoded, letters), cancellationToken);
    }

    private static Task RequireAll(EncodedBatch encoded, IReadOnlyList<DeadLetter> letters) =>
        encoded.RowCount == letters.Count ? Task.CompletedTask : throw new PhilotesException("PH401",
            $"{encoded.Rejected.Count} of {letters.Count} events still cannot be written: {(encoded.Rejected.Count > 0 ? encoded.Rejected[0].Text : "they are not in the buffer")} Nothing was changed. Rewrite them, or skip them.");

    private static HashSet<(long, int)> Places(string items)
    {
        using var document = JsonDocument.Parse(items);
        return [.. document.RootElement.EnumerateArray().Select(item => (item.GetProperty("chunk").GetInt64(), item.GetProperty("ord").GetInt32()))];
    }
}
