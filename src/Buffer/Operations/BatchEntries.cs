using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>The ledger for people: batches and their files.</summary>
public sealed class BatchEntries(NpgsqlDataSource db)
{
    /// <summary>Newest first.</summary>
    /// <param name="state">claimed, committing, committed, failed, dead or rewound; null for all.</param>
    public Task<List<BatchEntry>> ListAsync(TableName? table, string? state, int limit, CancellationToken cancellationToken) =>
        Rows.ReadAsync(
            Rows.Command(db, BatchEntrySql.List, ("schema", table?.Schema), ("table", table?.Table), ("state", state), ("limit", (long)limit)), Entry, cancellationToken);

    /// <summary>PH014 when there is none.</summary>
    public async Task<BatchEntry> FindAsync(long batchId, CancellationToken cancellationToken)
    {
        var found = await Rows.ReadAsync(Rows.Command(db, BatchEntrySql.Find, ("batch", batchId)), Entry, cancellationToken);
        return found.Count == 1 ? found[0] : throw new PhilotesException("PH014", $"There is no batch {batchId}. 'philotes batches list' shows what there is.");
    }

    /// <summary>Files of committed and staged batches, newest batch first.</summary>
    public Task<List<FileEntry>> FilesAsync(TableName? table, long? batchId, int limit, CancellationToken cancellationToken) =>
        Rows.ReadAsync(
            Rows.Command(db, BatchEntrySql.Files, ("schema", table?.Schema), ("table", table?.Table), ("batch", batchId), ("limit", (long)limit)),
            reader => new FileEntry(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), new TableName(reader.GetString(4), reader.GetString(5)),
                reader.GetString(6), Rows.Long(reader, 7), Rows.Time(reader, 8)),
            cancellationToken);

    private static BatchEntry Entry(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetString(1),
        new TableName(reader.GetString(2), reader.GetString(3)),
        reader.GetString(4),
        reader.GetInt64(5),
        reader.GetInt64(6),
        reader.GetInt64(7),
        reader.GetInt64(8),
        reader.GetInt32(9),
        reader.GetString(10),
        reader.GetFieldValue<DateTimeOffset>(11),
        reader.GetFieldValue<DateTimeOffset>(12),
        Rows.Time(reader, 13),
        Rows.Long(reader, 14),
        Rows.Time(reader, 15),
        Lsn.Parse(reader.GetString(16)),
        reader.GetFieldValue<DateTimeOffset>(17),
        Rows.Text(reader, 18),
        Rows.Text(reader, 19),
        Rows.Text(reader, 20),
        reader.GetInt64(21));
}
