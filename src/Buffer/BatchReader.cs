using System.Buffers.Binary;
using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Streams the events of a batch in the source's order and proves that they are the ones that capture flushed: each chunk's row count and
/// crc32c are compared with its directory entry, and a difference is PH900. Chunks are immutable, so no transaction stays open between
/// them. Memory is one buffer of the longest row.
/// </summary>
public sealed class BatchReader(NpgsqlDataSource db)
{
    /// <param name="handler">Has seen events of a chunk before the chunk is proven: nothing may be staged until this method returns.</param>
    public async Task ReadAsync(ClaimedBatch batch, EventHandler handler, CancellationToken cancellationToken = default)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using (var prepare = new NpgsqlCommand(ReaderSql.PrepareRead, connection))
        {
            await prepare.ExecuteNonQueryAsync(cancellationToken);
        }

        var chunks = await ChunksAsync(connection, batch, cancellationToken);
        var rows = chunks.Sum(chunk => (long)chunk.RowCount);
        if (chunks.Count != batch.ToSequence - batch.FromSequence + 1 || rows != batch.RowCount)
        {
            throw Damaged($"batch {batch.BatchId} promises {batch.RowCount} events, its chunks {rows}");
        }

        foreach (var chunk in chunks)
        {
            await ReadAsync(connection, chunk, handler, cancellationToken);
        }
    }

    private static async Task<List<ChunkRecord>> ChunksAsync(NpgsqlConnection connection, ClaimedBatch batch, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReaderSql.Chunks, connection);
        command.Parameters.AddWithValue("table", batch.TableId);
        command.Parameters.AddWithValue("from", batch.FromSequence);
        command.Parameters.AddWithValue("to", batch.ToSequence);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var chunks = new List<ChunkRecord>();
        while (await reader.ReadAsync(cancellationToken))
        {
            chunks.Add(new ChunkRecord(
                reader.GetInt32(0), reader.GetInt64(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : (uint)reader.GetInt64(3)));
        }

        return chunks;
    }

    private static async Task ReadAsync(NpgsqlConnection connection, ChunkRecord chunk, EventHandler handler, CancellationToken cancellationToken)
    {
        await using var stream = await connection.BeginRawBinaryCopyAsync(ReaderSql.CopyOut(chunk.Generation, chunk.Number), cancellationToken);
        using var rows = new CopyRowReader(stream, EventWire.ReadFieldCount);
        var count = 0;
        var crc = 0u;
        while (!Drain(rows, chunk, handler, ref count, ref crc))
        {
            if (!await rows.FillAsync(cancellationToken))
            {
                throw Damaged($"chunk {chunk.Number} ended inside of a row");
            }
        }

        if (count != chunk.RowCount)
        {
            throw Damaged($"chunk {chunk.Number} of generation {chunk.Generation} holds {count} events, its entry says {chunk.RowCount}");
        }

        if (chunk.Crc is { } expected && expected != crc)
        {
            throw Damaged($"the events of chunk {chunk.Number} of generation {chunk.Generation} are not those that were flushed (crc32c {crc:x8}, {expected:x8})");
        }
    }

    private static bool Drain(CopyRowReader rows, ChunkRecord chunk, EventHandler handler, ref int count, ref uint crc)
    {
        bool ended;
        while (rows.TryTake(out var row, out ended))
        {
            crc = Crc32C.Append(crc, row[EventWire.ReadPrefixLength..]);
            handler(Parse(row, chunk));
            count++;
        }

        return ended;
    }

    // The fixed columns are NOT NULL and have fixed widths, so their offsets are known.
    private static EventRow Parse(ReadOnlySpan<byte> row, ChunkRecord chunk)
    {
        var body = row[EventWire.ReadPrefixLength..];
        var oldLength = BinaryPrimitives.ReadInt32BigEndian(body[EventWire.FixedLength..]);
        var oldRow = body.Slice(EventWire.FixedLength + 4, Math.Max(0, oldLength));
        var afterOld = body[(EventWire.FixedLength + 4 + oldRow.Length)..];
        return new EventRow
        {
            Xid = BinaryPrimitives.ReadInt64BigEndian(row[6..]),
            CommitTimestampMicros = BinaryPrimitives.ReadInt64BigEndian(row[18..]),
            Ordinal = BinaryPrimitives.ReadInt32BigEndian(body[4..]),
            Op = (ChangeKind)body[12],
            CommitLsn = new Lsn(BinaryPrimitives.ReadUInt64BigEndian(body[17..])),
            TxSeq = BinaryPrimitives.ReadInt64BigEndian(body[29..]),
            HasOld = oldLength >= 0,
            OldRow = oldRow,
            HasNew = BinaryPrimitives.ReadInt32BigEndian(afterOld) >= 0,
            NewRow = afterOld[4..],
            Generation = chunk.Generation,
            Chunk = chunk.Number,
        };
    }

    private static PhilotesException Damaged(string what) =>
        new("PH900", $"The buffer is not what was flushed into it: {what}. Nothing of this batch is written; keep the buffer and report this.");

    private sealed record ChunkRecord(int Generation, long Number, int RowCount, uint? Crc);
}
