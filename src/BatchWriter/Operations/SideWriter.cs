using System.Globalization;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Files;
using Philotes.BatchWriter.Orphans;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>
/// Writes a table's changes a second time, into a table beside it, with the code that writes batches. The side table's own mark says how far it
/// is, so a crash costs the files of one batch and no row is there twice. The live table and the ledger are not touched.
/// </summary>
internal sealed class SideWriter(LakeSession session, ReplayEntry replay, TableSettings settings)
{
    private readonly Announcer _announcer = Announcer.Of(session.Buffer.Objects, replay);
    private long? _next;

    /// <summary>Null when all is written.</summary>
    public async Task<(long Events, long NextSequence)?> WriteNextAsync(CancellationToken cancellationToken)
    {
        var source = await session.Buffer.Ledger.TableAsync(replay.TableId, cancellationToken);
        _next ??= Math.Max(replay.FromSequence, await ReachedAsync(source, cancellationToken) + 1);
        var limits = session.Options;
        var batch = await ChunkBatches.NextAsync(
            session.Db, replay.TableId, _next.Value, replay.ToSequence, limits.Defaults.Commit.MaxRows, limits.Defaults.Commit.MaxBytes.Bytes, cancellationToken);
        if (batch is null)
            return null;
        var events = await WriteAsync(batch, source, cancellationToken);
        _next = batch.ToSequence + 1;
        return (events, _next.Value);
    }

    private async Task<long> WriteAsync(ClaimedBatch batch, BufferedTable source, CancellationToken cancellationToken)
    {
        var schema = await session.Buffer.Registry.LoadSchemaAsync(batch.SchemaId, cancellationToken);
        var target = await (await session.Lake.TablesAsync(_announcer, cancellationToken)).EnsureAsync(source, schema, settings, isBegun: false, cancellationToken);
        if (HighWaterMark.Read(target.Loaded.Metadata.Properties, source.SourceName) is null)
            await MarkStartAsync(target.Loaded, source, cancellationToken);
        var fates = await EventFates.LoadAsync(session.Buffer.Letters, batch, schema, OnPoison.Park, cancellationToken, Window());
        var encoder = await session.EncoderAsync(target.Loaded, _announcer, cancellationToken);
        var attempt = await session.Buffer.Letters.NextAttemptAsync(cancellationToken);
        var name = string.Create(CultureInfo.InvariantCulture, $"replay-{replay.ReplayId:d10}-{attempt}");
        var written = 0L;
        var staged = await encoder.EncodeAsync(batch, name, target, schema, settings, fates, SnapshotIds.From(Guid.NewGuid()), (_, encoded, _) =>
        {
            written = encoded.RowCount;
            return Task.CompletedTask;
        }, cancellationToken);
        await (await session.Lake.CommitterAsync(_announcer, cancellationToken)).CommitAsync(batch, source, target.Loaded.Identifier, staged, Guid.CreateVersion7(), cancellationToken);
        return written;
    }

    /// <summary>A table that does not begin with the first chunk says so before it holds anything.</summary>
    private async Task MarkStartAsync(LoadedTable table, BufferedTable source, CancellationToken cancellationToken)
    {
        var mark = new HighWaterMark(replay.FromSequence - 1, Lsn.Zero, BatchId: 0, table.Metadata.CurrentSnapshotId ?? 0, source.Incarnation);
        var catalog = await session.Lake.CatalogAsync(cancellationToken);
        Outcomes.Require(await catalog.CommitAsync(
            new CommitRequest(table.Identifier, TableRequirement.UnchangedHead(table.Metadata),
                [new TableUpdate.SetProperties(new Dictionary<string, string> { [HighWaterMark.PropertyOf(source.SourceName)] = mark.ToJson() })]), cancellationToken),
            $"mark where {table.Identifier} begins");
    }

    private async Task<long> ReachedAsync(BufferedTable source, CancellationToken cancellationToken) =>
        await session.FindTableAsync(settings, cancellationToken) is { } table
            ? HighWaterMark.Read(table.Metadata.Properties, source.SourceName)?.Sequence ?? 0
            : 0;

    private (Lsn, Lsn)? Window() => replay.Mode == "window" ? (replay.FromLsn ?? Lsn.Zero, replay.ToLsn ?? new Lsn(ulong.MaxValue)) : null;
}
