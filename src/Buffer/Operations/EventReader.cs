using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>Finds events in the buffer for people. Memory is what is asked for at most, or one event where all are streamed.</summary>
public sealed class EventReader(NpgsqlDataSource db)
{
    private const int PageChunks = 16;

    /// <summary>The first events that fit, in the source's order.</summary>
    public async Task<IReadOnlyList<BufferedEvent>> FirstAsync(EventFilter filter, int limit, CancellationToken cancellationToken) =>
        await PageAsync(EventSql.First, filter, limit, cancellationToken);

    /// <summary>
    /// Every event that fits and was in the buffer at the beginning, table by table, each table in the source's order. PH014 at the first table's page of which a chunk has gone
    /// meanwhile: retention dropped it, or the copy that it waited for holds what it held.
    /// </summary>
    public async IAsyncEnumerable<BufferedEvent> AllAsync(
        EventFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunks = await Rows.ReadAsync(
            Rows.Command(db, EventSql.ChunksOf, ("schema", filter.Table?.Schema), ("table", filter.Table?.Table), ("from_lsn", filter.FromLsn?.ToString()),
                ("to_lsn", filter.ToLsn?.ToString())),
            reader => new ListedChunk(
                new TableName(reader.GetString(0), reader.GetString(1)), reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt64(5)),
            cancellationToken);
        foreach (var page in chunks.Chunk(PageChunks).SelectMany(page => page.GroupBy(chunk => chunk.TableId)).Select(page => page.ToList()))
        {
            await using (var command = Command(EventSql.OfChunks, filter, long.MaxValue, page))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    yield return Event(reader);
                }
            }

            await RequireAsync(page, cancellationToken);
        }
    }

    private async Task RequireAsync(IReadOnlyList<ListedChunk> page, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(EventSql.ChunksLeft);
        AddChunks(command, page);
        if ((long)(await command.ExecuteScalarAsync(cancellationToken))! < page.Count)
            throw new PhilotesException("PH014", $"Changes of {page[0].Table} that were in the buffer at the beginning are not any more: retention dropped them, or the table's copy took their place. What was read lacks them; begin again.");
    }

    /// <summary>The last events that fit, oldest first.</summary>
    public async Task<IReadOnlyList<BufferedEvent>> LastAsync(EventFilter filter, int limit, CancellationToken cancellationToken)
    {
        var page = await PageAsync(EventSql.Last, filter, limit, cancellationToken);
        page.Reverse();
        return page;
    }

    public async Task<IReadOnlyList<EventCount>> CountAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        await using var command = Command(EventSql.Count, filter, long.MaxValue);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new List<EventCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts.Add(new EventCount(
                new TableName(reader.GetString(0), reader.GetString(1)), (ChangeKind)reader.GetString(2)[0], reader.GetString(3), reader.GetInt64(4),
                Lsn.Parse(reader.GetString(5)), Lsn.Parse(reader.GetString(6))));
        }

        return counts;
    }

    /// <summary>The columns that identify a row of the table; empty for a table that the buffer does not know or that has no key.</summary>
    public async Task<IReadOnlyList<string>> KeyColumnsAsync(TableName table, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(EventSql.KeyColumns);
        command.Parameters.AddWithValue("schema", table.Schema);
        command.Parameters.AddWithValue("table", table.Table);
        return await command.ExecuteScalarAsync(cancellationToken) as string[] ?? [];
    }

    private async Task<List<BufferedEvent>> PageAsync(string sql, EventFilter filter, long limit, CancellationToken cancellationToken)
    {
        // A chunk has at least one event, so the newest chunks are enough when every event of them fits.
        await using var command = Command(sql, filter, filter.IsOfChunks && sql == EventSql.Last ? limit : long.MaxValue);
        command.Parameters.AddWithValue("limit", limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<BufferedEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            page.Add(Event(reader));
        }

        return page;
    }

    private NpgsqlCommand Command(string sql, EventFilter filter, long chunks, IReadOnlyList<ListedChunk>? only = null)
    {
        var command = db.CreateCommand(sql);
        command.CommandTimeout = 0;
        Add("schema", filter.Table?.Schema);
        Add("table", filter.Table?.Table);
        Add("from_lsn", filter.FromLsn?.ToString());
        Add("to_lsn", filter.ToLsn?.ToString());
        Add("after_lsn", filter.After?.CommitLsn.ToString());
        Add("op", filter.Operation is { } op ? ((char)op).ToString() : null);
        Add("key", filter.Key is { } key ? JsonSerializer.Serialize(key) : null);
        Add("status", filter.Status);
        Add("from_time", filter.From?.ToUniversalTime().ToString("O"));
        Add("to_time", filter.To?.ToUniversalTime().ToString("O"));
        command.Parameters.AddWithValue("after_seq", filter.After?.TxSeq ?? -1L);
        command.Parameters.AddWithValue("chunks", chunks);
        AddChunks(command, only);
        return command;

        void Add(string name, string? value) =>
            command.Parameters.Add(new NpgsqlParameter(name, NpgsqlDbType.Text) { Value = (object?)value ?? DBNull.Value });
    }

    /// <param name="only">Of one table; null for every chunk.</param>
    private static void AddChunks(NpgsqlCommand command, IReadOnlyList<ListedChunk>? only)
    {
        command.Parameters.Add(new NpgsqlParameter("source_id", NpgsqlDbType.Integer) { Value = (object?)only?[0].SourceId ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter("gens", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = (object?)only?.Select(chunk => chunk.Generation).Distinct().ToArray() ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter("chunk_numbers", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = (object?)only?.Select(chunk => chunk.Number).ToArray() ?? DBNull.Value });
    }

    private static BufferedEvent Event(NpgsqlDataReader reader) => new(
        reader.GetString(0),
        new TableName(reader.GetString(1), reader.GetString(2)),
        Lsn.Parse(reader.GetString(3)),
        reader.GetInt64(4),
        reader.GetInt64(5),
        reader.GetFieldValue<DateTimeOffset>(6),
        (ChangeKind)reader.GetString(7)[0],
        Rows.Text(reader, 8),
        Rows.Text(reader, 9),
        reader.GetString(10),
        Rows.Long(reader, 11),
        Rows.Long(reader, 12),
        Rows.Text(reader, 13),
        Rows.Text(reader, 14),
        Rows.Long(reader, 15),
        reader.GetInt32(16),
        reader.GetInt64(17),
        reader.GetInt32(18),
        Origin(reader));

    private static CopyOrigin? Origin(NpgsqlDataReader reader) => reader.IsDBNull(19) ? null
        : new CopyOrigin(new Lsn(Lsn.Parse(reader.GetString(3)).Value + 1), reader.GetInt64(19), (uint?)Rows.Long(reader, 20), Rows.Long(reader, 21), Rows.Long(reader, 22));

    private sealed record ListedChunk(TableName Table, int TableId, int SourceId, int Generation, long Number);
}
