using System.Globalization;
using Npgsql;
using Npgsql.Replication;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// The source at one exact position: a replication slot that lives as long as its connection gives a position and a snapshot in which exactly the
/// transactions committed before it are visible. Reads only; the slot is temporary and keeps no log once this is disposed.
/// </summary>
internal sealed class SourceRows : IAsyncDisposable
{
    /// <summary>One spelling of every value, whatever the role or the database prefer.</summary>
    private const string Settings =
        "-c datestyle=ISO -c timezone=UTC -c intervalstyle=iso_8601 -c extra_float_digits=3 -c bytea_output=hex -c lc_monetary=C -c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

    private readonly LogicalReplicationConnection _replication;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private SourceRows(LogicalReplicationConnection replication, NpgsqlConnection connection, NpgsqlTransaction transaction, Lsn at)
    {
        (_replication, _connection, _transaction, At) = (replication, connection, transaction, at);
    }

    /// <summary>What was committed before it is visible, and nothing else.</summary>
    public Lsn At { get; }

    public static async Task<SourceRows> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Options = Settings, Pooling = false, CommandTimeout = 0 };
        var replication = new LogicalReplicationConnection(builder.ConnectionString);
        try
        {
            await replication.Open(cancellationToken);
            var slot = await replication.CreatePgOutputReplicationSlot(
                string.Create(CultureInfo.InvariantCulture, $"philotes_verify_{Guid.NewGuid():n}"), temporarySlot: true,
                slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export, cancellationToken: cancellationToken);
            var connection = new NpgsqlConnection(builder.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
            await using var adopt = connection.CreateCommand();
            adopt.CommandText = "set transaction snapshot " + DuckDb.SqlText.Literal(slot.SnapshotName!);
            await adopt.ExecuteNonQueryAsync(cancellationToken);
            return new SourceRows(replication, connection, transaction, new Lsn((ulong)slot.ConsistentPoint));
        }
        catch
        {
            await replication.DisposeAsync();
            throw;
        }
    }

    public async Task<long> CountAsync(TableName table, CancellationToken cancellationToken)
    {
        await using var command = Command($"select count(*) from {DuckDb.SqlText.Identifier(table.Schema)}.{DuckDb.SqlText.Identifier(table.Table)}");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <param name="leftOut">Keys of rows that do not count.</param>
    public async Task<Dictionary<string, (long Rows, ulong Hash)>> BucketsAsync(TableShape shape, string[] leftOut, CancellationToken cancellationToken)
    {
        await using var command = Command(VerifySql.SourceBuckets(shape), leftOut);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var buckets = new Dictionary<string, (long, ulong)>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            buckets[reader.GetString(0)] = (reader.GetInt64(1), unchecked((ulong)reader.GetInt64(2)));
        return buckets;
    }

    public async Task<Dictionary<string, ulong>> OfAsync(TableShape shape, string[] buckets, string[] leftOut, CancellationToken cancellationToken)
    {
        await using var command = Command(VerifySql.SourceOf(shape), leftOut, buckets);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<string, ulong>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            rows[reader.GetString(0)] = unchecked((ulong)reader.GetInt64(1));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
        await _replication.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, params string[][] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        command.Transaction = _transaction;
        return command;
    }
}
