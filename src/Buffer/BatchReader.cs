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
            await Failpoints.HitAsync("wr.mid_read", cancellationToken);
        }
    }

    /// <summary>Whether the batch holds nothing but what a copy brought.</summary>
    public async Task<bool> IsCopiedAsync(ClaimedBatch batch, CancellationToken cancellationToken = default)
    {
        await using var command = db.CreateCommand(ReaderSql.IsCopied);
        command.Parameters.AddWithValue("table", batch.TableId);
        command.Parameters.AddWithValue("from", batch.FromSequence);
        command.Parameters.AddWithValue("to", batch.ToSequence);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<List<ChunkEntry>> ChunksAsync(NpgsqlConnection connection, ClaimedBatch batch, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReaderSql.Chunks, connection);
        command.Parameters.AddWithValue("table", batch.TableId);
        command.Parameters.AddWithValue("from", batch.FromSequence);
        command.Parameters.AddWithValue("to", batch.ToSequence);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var chunks = new List<ChunkEntry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            chunks.Add(new ChunkEntry(
                reader.GetInt32(0), reader.GetInt64(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : (uint)reader.GetInt64(3)));
        }

        return chunks;
    }

    private static async Task ReadAsync(NpgsqlConnection connection, ChunkEntry chunk, EventHandler handler, CancellationToken cancellationToken)
    {
        var pass = new ChunkPass(chunk, handler);
        if (!await StreamAsync(connection, ReaderSql.CopyOut(chunk.Generation, chunk.Number), pass, cancellationToken))
        {
            pass.AgainSorted();
            await StreamAsync(connection, ReaderSql.CopyOutSorted(chunk.Generation, chunk.Number), pass, cancellationToken);
        }

        pass.Prove();
    }

    /// <summary>False when the rows do not lie in their order: those before the first that does not fit were handed on, and none after it.</summary>
    private static async Task<bool> StreamAsync(NpgsqlConnection connection, string copy, ChunkPass pass, CancellationToken cancellationToken)
    {
        await using var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellationToken);
        using var rows = new CopyRowReader(stream, EventWire.ReadFieldCount);
        while (true)
        {
            switch (pass.Drain(rows))
            {
                case ChunkPass.Outcome.Ended:
                    return true;
                case ChunkPass.Outcome.Disordered:
                    return false;
                default:
                    if (!await rows.FillAsync(cancellationToken))
                    {
                        throw Damaged($"chunk {pass.Chunk.Number} ended inside of a row");
                    }

                    break;
            }
        }
    }

    private static PhilotesException Damaged(string what) => ChunkPass.Damaged(what);
}
