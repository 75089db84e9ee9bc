using Npgsql;
using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>One transaction at the source: statements go out together, and the log hears of them after the commit.</summary>
sealed class ShopTransaction(NpgsqlConnection connection, ShopLog log)
{
    readonly List<(ShopTable Table, ShopChange Change)> _changes = [];
    readonly List<NpgsqlBatchCommand> _statements = [];

    public void Insert(ShopTable table, params string?[] values)
    {
        Add(table.InsertSql, values);
        _changes.Add((table, new ShopChange(ChangeKind.Insert, values, OldKey: null)));
    }

    public void Update(ShopTable table, string?[] old, string?[] values)
    {
        var oldKey = old[..table.KeyCount];
        Add(table.UpdateSql, [.. values, .. oldKey]);
        _changes.Add((table, new ShopChange(ChangeKind.Update, values, oldKey.AsSpan().SequenceEqual(values.AsSpan(0, table.KeyCount)) ? null : oldKey)));
    }

    public void Delete(ShopTable table, string?[] old)
    {
        var key = old[..table.KeyCount];
        Add(table.DeleteSql, key);
        _changes.Add((table, new ShopChange(ChangeKind.Delete, [.. key, .. new string?[table.Columns.Count - table.KeyCount]], OldKey: null)));
    }

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await SendAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        log.Committed(_changes);
    }

    public async Task RollBackAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await SendAsync(cancellationToken);
        await transaction.RollbackAsync(cancellationToken);
    }

    /// <summary>Inserts many rows by COPY, in a transaction of their own.</summary>
    /// <param name="arrivesAs">Insert, or Read for rows that are there before capture looks.</param>
    public static async Task CopyAsync(
        NpgsqlConnection connection, ShopLog log, ShopTable table, IReadOnlyList<string?[]> rows, ChangeKind arrivesAs, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var copy = await connection.BeginTextImportAsync(table.CopySql, cancellationToken))
        {
            foreach (var row in rows)
                await copy.WriteAsync(string.Join('\t', row.Select(Escape)) + "\n");
        }
        await transaction.CommitAsync(cancellationToken);
        log.Committed(rows.Select(row => (table, new ShopChange(arrivesAs, row, OldKey: null))));
    }

    static string Escape(string? value) => value is null ? "\\N" : value
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);

    async Task SendAsync(CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in _statements)
            batch.BatchCommands.Add(statement);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    void Add(string sql, string?[] values)
    {
        var statement = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            statement.Parameters.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        _statements.Add(statement);
    }
}
