using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>How far a table's batches are: chunks up to <paramref name="Committed"/> are in the lake, up to <paramref name="Claimed"/> in batches.</summary>
public sealed record TableCursor(int TableId, long Committed, long Claimed, long Head, string State)
{
    public static async Task<TableCursor> ReadAsync(NpgsqlDataSource db, int tableId, CancellationToken cancellationToken)
    {
        var found = await Rows.ReadAsync(
            Rows.Command(db, TableCursorSql.Find, ("table", tableId)),
            reader => new TableCursor(tableId, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetString(3)), cancellationToken);
        return found.Count == 1 ? found[0] : throw new PhilotesException("PH014", $"The buffer knows no table {tableId}.");
    }
}
