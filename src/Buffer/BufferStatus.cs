using System.Data;
using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>Reads what <c>philotes status</c> shows, in one snapshot.</summary>
public sealed class BufferStatus(NpgsqlDataSource db)
{
    public async Task<StatusReport> ReadAsync(CancellationToken cancellationToken = default)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var (at, bytes, generations) = (await RowsAsync(connection, StatusSql.Server,
            reader => (reader.GetFieldValue<DateTimeOffset>(0), reader.GetInt64(1), reader.GetInt32(2)), cancellationToken))[0];
        var sources = await RowsAsync(connection, StatusSql.Sources, SourceRegistry.Source, cancellationToken);
        var tables = await RowsAsync(connection, StatusSql.Tables, Table, cancellationToken);
        var activity = (await RowsAsync(connection, StatusSql.Activity, Activity, cancellationToken))[0];
        await transaction.CommitAsync(cancellationToken);
        return new StatusReport(at, bytes, generations, sources, tables, activity);
    }

    /// <summary>Bytes of the buffer's database on disk.</summary>
    public Task<long> SizeAsync(CancellationToken cancellationToken = default) => Operations.BufferSize.ReadAsync(db, cancellationToken);

    private static async Task<List<T>> RowsAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static BufferActivity Activity(NpgsqlDataReader reader) => new(
        reader.GetDouble(0), reader.GetDouble(1), Time(reader, 2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5), Time(reader, 6), Text(reader, 7), reader.GetInt32(8));

    private static TableStatus Table(NpgsqlDataReader reader) => new(
        reader.GetInt32(0),
        reader.GetString(1),
        new TableName(reader.GetString(2), reader.GetString(3)),
        reader.GetString(4),
        Text(reader, 5),
        reader.GetInt64(6),
        reader.GetInt64(7),
        reader.GetInt64(8),
        reader.GetInt64(9),
        Time(reader, 10),
        Time(reader, 11),
        Time(reader, 12),
        reader.IsDBNull(13) ? null : reader.GetInt64(13),
        reader.GetInt64(14),
        Text(reader, 15),
        Text(reader, 16),
        Text(reader, 17),
        reader.GetInt64(18))
    { IsHeld = reader.GetBoolean(19) };

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
