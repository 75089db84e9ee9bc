using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Decoding;
using Philotes.Capture.Source;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>
/// Copies ranges, one after the other, over one connection to the source and one to the buffer.
/// <code>
/// source: import the snapshot, lock the heap, look whether it lies as it lay ─▶ COPY (blocks a to b) ─▶ commit
/// buffer: pieces of 8 MiB as they come, out of reach ─▶ all of them published with the range's end, in one commit
/// </code>
/// A row's position is the byte before the snapshot's point, where no transaction commits: behind every change that the row already contains,
/// before every change that follows. Its place there is the range's number and its number in the range. Keys that are to go, if the snapshot has no such row, are
/// deletes behind the rows of the first range.
/// </summary>
internal sealed class RangeCopy(CaptureSettings settings, IReadOnlyList<string> publications, NpgsqlDataSource bufferDatabase, ByteRate rate) : IAsyncDisposable
{
    /// <summary>Of the ranges that read; the one that also says which rows are gone.</summary>
    private const int FirstOrdinal = 1;

    private const long PieceBytes = 8L << 20;

    private static readonly DateTimeOffset PostgresEpoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CopyAppender _buffer = new(bufferDatabase);
    private readonly List<EventChunk> _pieces = [];
    private NpgsqlConnection? _source;

    /// <summary>Rows that were copied; 0 when another process had done the range already.</summary>
    public async Task<long> RunAsync(CopyRange range, CancellationToken cancellationToken)
    {
        try
        {
            if (range.Relation is { } heap)
            {
                await ReadAsync(range, heap, cancellationToken);
            }
            else
            {
                await TruncateAsync(range, cancellationToken);
            }

            await Failpoints.HitAsync("snap.before_publish", cancellationToken);
            var rows = _pieces.Sum(piece => (long)piece.RowCount);
            var published = await _buffer.PublishAsync(range, rows, _pieces, cancellationToken);
            await Failpoints.HitAsync("snap.after_publish", cancellationToken);
            return published && range.Relation is not null ? rows : 0;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
        finally
        {
            _pieces.ForEach(piece => piece.Dispose());
            _pieces.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _buffer.DisposeAsync();
        if (_source is not null)
        {
            await _source.DisposeAsync();
            _source = null;
        }
    }

    private static Lsn PositionOf(CopyRange range) => new(range.Snapshot.Point.Value - 1);

    private static long TimeOf(CopyRange range) => (range.Snapshot.TakenAt - PostgresEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private async Task TruncateAsync(CopyRange range, CancellationToken cancellationToken)
    {
        var piece = await OpenAsync(range, cancellationToken);
        piece.Append(ChangeKind.Truncate, PositionOf(range), 0, 0, TimeOf(range), default, hasOld: false, default, hasNew: false);
        await _buffer.CopyAsync(piece, cancellationToken);
    }

    private async Task ReadAsync(CopyRange range, uint heap, CancellationToken cancellationToken)
    {
        _source ??= await CopyConnection.OpenAsync(settings.CopyConnection(), cancellationToken);
        var name = await CopyCatalog.NameAsync(_source, heap, cancellationToken) ?? throw await MissingAsync(range, cancellationToken);
        var quoted = Identifier.Quote(name.Schema, name.Table);
        await CopyConnection.BeginAsync(_source, range.Snapshot, cancellationToken);
        await Failpoints.HitAsync("snap.before_read", cancellationToken);
        await CopyConnection.ExecuteAsync(_source, CopySourceSql.Lock(quoted), cancellationToken);
        var table = await CopyCatalog.DescribeAsync(_source, range.Table.RelationOid, publications, cancellationToken);
        if (table is null || !await CopyCatalog.LiesAsBeforeAsync(_source, heap, cancellationToken))
        {
            throw new PhilotesException(CopyFailure.Rewritten, $"{range.Table.Name} was rewritten or truncated at the source while it was copied; it is copied again.");
        }

        string[] conditions = range.Table.Predicate is { } predicate ? [.. table.Conditions, predicate] : [.. table.Conditions];
        var copy = CopySourceSql.CopyOut(quoted, table.Relation.Columns.Select(column => column.Name), range.FirstBlock, range.EndBlock, conditions);
        var types = await TypesAsync(table, cancellationToken);
        var place = await StreamAsync(range, copy, table, ChangeKind.Read, (long)range.Ordinal << 32, cancellationToken);
        if (range is { Ordinal: FirstOrdinal, Table.Gone: { } gone })
        {
            var root = Identifier.Quote(table.Relation.Name.Schema, table.Relation.Name.Table);
            await StreamAsync(range, CopySourceSql.GoneOut(root, table.Relation.Columns, gone, table.Conditions), table, ChangeKind.Delete, place, cancellationToken);
        }

        await CopyConnection.ExecuteAsync(_source, "commit", cancellationToken);
        if (types.Any(CompositeLook.IsComposite) && !types.SequenceEqual(await TypesAsync(table, cancellationToken)))
        {
            throw new PhilotesException(CopyFailure.Rewritten, $"A composite type that {range.Table.Name} holds was altered at the source while it was copied; it is copied again.");
        }
    }

    /// <summary>Without one of its partitions a table is another than the snapshot shows, and is copied from a new one.</summary>
    private async Task<PhilotesException> MissingAsync(CopyRange range, CancellationToken cancellationToken) =>
        await CopyCatalog.NameAsync(_source!, range.Table.RelationOid, cancellationToken) is null
            ? new PhilotesException(CopyFailure.Gone, $"{range.Table.Name} was dropped while it was copied.")
            : new PhilotesException(CopyFailure.Rewritten, $"{range.Table.Name} lost a partition while it was copied; it is copied again.");

    /// <summary>Inside of the snapshot's transaction, what it was there; the server prints composite values by what their types are now.</summary>
    private Task<IReadOnlyList<string>> TypesAsync(CopyDescription table, CancellationToken cancellationToken) =>
        ColumnTypes.ResolveAsync(_source!, table.Relation, table.Numbers, last: null, static _ => Task.FromResult(0), cancellationToken);

    /// <param name="place">Of the first row among those of the same position; returns that of the next.</param>
    private async Task<long> StreamAsync(CopyRange range, string copy, CopyDescription table, ChangeKind kind, long place, CancellationToken cancellationToken)
    {
        using var export = (StreamReader)await _source!.BeginTextExportAsync(copy, cancellationToken);
        using var rows = new CopyTextRows(export.BaseStream, table.Relation.Columns.Count);
        var mask = MaskOf(range.Table.Name, table.Relation);
        EventChunk? piece = null;
        while (await rows.FillAsync(cancellationToken))
        {
            while (rows.TryTake())
            {
                piece ??= await OpenAsync(range, cancellationToken);
                Append(piece, range, kind, place++, mask is null ? rows.Tuple : mask.New(rows.Tuple));
                if (piece.ByteCount >= PieceBytes)
                {
                    await WriteAsync(piece, cancellationToken);
                    piece = null;
                }
            }
        }

        if (piece is not null)
        {
            await WriteAsync(piece, cancellationToken);
        }

        return place;
    }

    /// <param name="name">The name that the table was first seen under, which the configuration's rules stay with.</param>
    private TupleMask? MaskOf(TableName name, RelationMessage relation)
    {
        IReadOnlyList<ColumnSchema> columns = [.. relation.Columns.Select(column => new ColumnSchema(column.Name, "", column.IsKey))];
        return new TableMask(settings.Columns(name)).ForRows(new TableSchema(relation.RelationOid, relation.Name, relation.ReplicaIdentity, columns));
    }

    /// <param name="tuple">The row; of a delete its key, as the old image has it.</param>
    private static void Append(EventChunk piece, CopyRange range, ChangeKind kind, long place, ReadOnlySpan<byte> tuple)
    {
        if (kind == ChangeKind.Delete)
        {
            piece.Append(kind, PositionOf(range), place, 0, TimeOf(range), tuple, hasOld: true, default, hasNew: false);
        }
        else
        {
            piece.AppendRead(PositionOf(range), place, TimeOf(range), tuple);
        }
    }

    private async Task<EventChunk> OpenAsync(CopyRange range, CancellationToken cancellationToken)
    {
        var piece = await _buffer.OpenChunkAsync(range, cancellationToken);
        _pieces.Add(piece);
        return piece;
    }

    private async Task WriteAsync(EventChunk piece, CancellationToken cancellationToken)
    {
        await Failpoints.HitAsync("snap.mid_copy", cancellationToken);
        await _buffer.CopyAsync(piece, cancellationToken);
        await rate.WaitAsync(piece.ByteCount, cancellationToken);
    }
}
