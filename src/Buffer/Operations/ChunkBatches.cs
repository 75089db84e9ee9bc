using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>Cuts chunks that are read again into batches, by the rule of a claim: one schema, whole source transactions, up to the limits.</summary>
public static class ChunkBatches
{
    /// <summary>One chunk as a batch.</summary>
    public static async Task<ClaimedBatch> OfChunkAsync(NpgsqlDataSource db, int tableId, long sequence, CancellationToken cancellationToken)
    {
        var chunks = await ChunksAsync(db, tableId, sequence, sequence, cancellationToken);
        return chunks.Count == 1 ? Batch(tableId, chunks) : throw Dropped(sequence);
    }

    /// <summary>The next batch from <paramref name="from"/>; null behind <paramref name="to"/>.</summary>
    /// <exception cref="PhilotesException">PH013: retention has dropped what it needs.</exception>
    public static async Task<ClaimedBatch?> NextAsync(
        NpgsqlDataSource db, int tableId, long from, long to, long rowsMax, long bytesMax, CancellationToken cancellationToken)
    {
        if (from > to)
            return null;
        var chunks = await ChunksAsync(db, tableId, from, to, cancellationToken);
        if (chunks.Count == 0 || chunks[0].Sequence != from)
            throw Dropped(from);
        var taken = 0;
        var (rows, bytes) = (0L, 0L);
        for (var i = 0; i < chunks.Count && chunks[i].SchemaId == chunks[0].SchemaId; i++)
        {
            (rows, bytes) = (rows + chunks[i].Rows, bytes + chunks[i].Bytes);
            if (taken > 0 && (rows > rowsMax || bytes > bytesMax))
                break;
            if (!chunks[i].IsOpen)
                taken = i + 1;
        }

        return Batch(tableId, chunks[..Math.Max(taken, 1)]);
    }

    /// <summary>First and last chunk of a table within commit positions, and their events; null when there is none.</summary>
    public static async Task<(long From, long To, long Events)?> RangeAsync(NpgsqlDataSource db, int tableId, Lsn? from, Lsn? to, CancellationToken cancellationToken)
    {
        var found = await Rows.ReadAsync(
            Rows.Command(db, ChunkBatchSql.Range, ("table", tableId), ("from_lsn", from?.ToString()), ("to_lsn", to?.ToString())),
            reader => (From: Rows.Long(reader, 0), To: Rows.Long(reader, 1), Events: reader.GetInt64(2)), cancellationToken);
        return found[0] is { From: { } first, To: { } last, Events: var events } ? (first, last, events) : null;
    }

    private static Task<List<Chunk>> ChunksAsync(NpgsqlDataSource db, int tableId, long from, long to, CancellationToken cancellationToken) => Rows.ReadAsync(
        Rows.Command(db, ChunkBatchSql.Next, ("table", tableId), ("from", from), ("to", to)),
        reader => new Chunk(
            reader.GetInt64(0), reader.GetInt32(1), reader.GetBoolean(2), reader.GetInt32(3), reader.GetInt64(4), Lsn.Parse(reader.GetString(5)),
            reader.GetFieldValue<DateTimeOffset>(6)),
        cancellationToken);

    private static ClaimedBatch Batch(int tableId, List<Chunk> chunks) => new(
        BatchId: 0, tableId, chunks[0].Sequence, chunks[^1].Sequence, chunks[0].SchemaId, "claimed", Token: 0, Attempt: 1, chunks.Sum(chunk => (long)chunk.Rows),
        chunks.Sum(chunk => chunk.Bytes), chunks.Max(chunk => chunk.LastLsn), chunks.Max(chunk => chunk.LastAt), Files: null, SnapshotId: null, RequestId: null);

    private static PhilotesException Dropped(long sequence) =>
        new("PH013", $"Chunk {sequence} of the table is not in the buffer any more: retention has dropped it. Only a copy of the table can bring it back.");

    private sealed record Chunk(long Sequence, int SchemaId, bool IsOpen, int Rows, long Bytes, Lsn LastLsn, DateTimeOffset LastAt);
}
