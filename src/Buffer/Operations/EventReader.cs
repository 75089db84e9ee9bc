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

    /// <summary>Every event that fits, table by table, each table in the source's order.</summary>
    public async IAsyncEnumerable<BufferedEvent> AllAsync(
        EventFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunks = await Rows.ReadAsync(
            Rows.Command(db, EventSql.ChunksOf, ("schema", filter.Table?.Schema), ("table", filter.Table?.Table), ("from_lsn", filter.FromLsn?.ToString()),
                ("to_lsn", filter.ToLsn?.ToString())),
            reader => (Table: new TableName(reader.GetString(0), reader.GetString(1)), Place: reader.GetInt64(2)), cancellationToken);
        foreach (var page in chunks.Chunk(PageChunks).SelectMany(page => page.GroupBy(chunk => chunk.Table)))
        {
            await using var command = Command(EventSql.OfChunks, filter with { Table = page.Key }, long.MaxValue, (page.Min(chunk => chunk.Place), page.Max(chunk => chunk.Place)));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                yield return Event(reader);
            }
        }
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

    private NpgsqlCommand Command(string sql, EventFilter filter, long chunks, (long From, long To)? sequences = null)
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
        command.Parameters.Add(new NpgsqlParameter("from_seq", NpgsqlDbType.Bigint) { Value = (object?)sequences?.From ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter("to_seq", NpgsqlDbType.Bigint) { Value = (object?)sequences?.To ?? DBNull.Value });
        return command;

        void Add(string name, string? value) =>
            command.Parameters.Add(new NpgsqlParameter(name, NpgsqlDbType.Text) { Value = (object?)value ?? DBNull.Value });
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
}
