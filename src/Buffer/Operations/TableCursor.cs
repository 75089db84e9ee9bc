using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>How far a table's batches are: chunks up to <paramref name="Committed"/> are in the lake, up to <paramref name="Claimed"/> in batches.</summary>
public sealed record TableCursor(int TableId, long Committed, long Claimed, long Head, string State, string? Reason)
{
    public static async Task<TableCursor> ReadAsync(NpgsqlDataSource db, int tableId, CancellationToken cancellationToken)
    {
        var found = await Rows.ReadAsync(
            Rows.Command(db, TableCursorSql.Find, ("table", tableId)),
            reader => new TableCursor(tableId, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetString(3), Rows.Text(reader, 4)), cancellationToken);
        return found.Count == 1 ? found[0] : throw new PhilotesException("PH014", $"The buffer knows no table {tableId}.");
    }

    /// <summary>Whether the lake lacks a change of before a position, of those that the buffer holds.</summary>
    public static async Task<bool> IsBehindAsync(NpgsqlDataSource db, int tableId, Lsn before, CancellationToken cancellationToken)
    {
        await using var command = Rows.Command(db, TableCursorSql.IsBehind, ("table", tableId), ("lsn", before.ToString()));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>The newest version of the table's columns.</summary>
    public static async Task<int> NewestSchemaAsync(NpgsqlDataSource db, int tableId, CancellationToken cancellationToken)
    {
        await using var command = Rows.Command(db, TableCursorSql.NewestSchema, ("table", tableId));
        return await command.ExecuteScalarAsync(cancellationToken) as int? ?? throw new PhilotesException("PH014", $"The buffer knows no columns of table {tableId}.");
    }

    /// <summary>What the ledger says the lake holds.</summary>
    public static async Task<LedgerTotals> TotalsAsync(NpgsqlDataSource db, int tableId, CancellationToken cancellationToken) => (await Rows.ReadAsync(
        Rows.Command(db, TableCursorSql.Totals, ("table", tableId)),
        reader => new LedgerTotals(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2)), cancellationToken))[0];
}
