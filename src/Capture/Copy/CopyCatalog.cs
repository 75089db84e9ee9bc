using Npgsql;
using NpgsqlTypes;
using Philotes.Buffer;
using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>Reads from the source what there is to copy. Inside a snapshot's transaction it answers for that snapshot, sizes excepted.</summary>
internal static class CopyCatalog
{
    private const int RangesMin = 16;
    private const long SmallRangeBytes = 8L << 20;

    public static async Task<IReadOnlyList<(uint Oid, TableName Name)>> PublishedAsync(
        NpgsqlConnection connection, IReadOnlyList<string> publications, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, CopySourceSql.Published, Names(publications));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<(uint, TableName)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(((uint)reader.GetInt64(0), new TableName(reader.GetString(1), reader.GetString(2))));
        }

        return tables;
    }

    /// <summary>Null when the table is not there.</summary>
    public static async Task<CopyDescription?> DescribeAsync(
        NpgsqlConnection connection, uint oid, IReadOnlyList<string> publications, CancellationToken cancellationToken)
    {
        TableName name;
        char identity;
        bool mayRead, hidesRows;
        string?[]? filters;
        string[]? published;
        await using (var command = Command(connection, CopySourceSql.Table, Oid(oid), Names(publications)))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            name = new TableName(reader.GetString(0), reader.GetString(1));
            (identity, mayRead, hidesRows) = (reader.GetString(2)[0], reader.GetBoolean(3), reader.GetBoolean(4));
            filters = reader.IsDBNull(5) ? null : reader.GetFieldValue<string?[]>(5);
            published = reader.IsDBNull(6) ? null : reader.GetFieldValue<string[]>(6);
        }

        var (columns, numbers) = await ColumnsAsync(connection, oid, published, cancellationToken);
        string[] conditions = filters is null || filters.Contains(null) ? [] : [string.Join(" or ", filters.Select(filter => $"({filter})"))];
        return new CopyDescription(RelationText.Of(oid, name, identity, columns), numbers, conditions, mayRead, hidesRows);
    }

    /// <summary>
    /// Cuts a table's heaps into ranges of about <paramref name="chunkBytes"/>, TOAST included, and a smaller heap into some sixteen, so that the writer has
    /// something to do while it is read.
    /// </summary>
    /// <exception cref="PhilotesException">PH135: a heap whose rows are not in this database.</exception>
    public static async Task<(IReadOnlyList<PlannedRange> Ranges, long Rows)> PlanAsync(
        NpgsqlConnection connection, uint oid, long chunkBytes, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, CopySourceSql.Heaps, Oid(oid));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ranges = new List<PlannedRange>();
        var rows = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetString(3) != "r")
            {
                throw new PhilotesException("PH135", $"{reader.GetString(1)}.{reader.GetString(2)} has no rows of its own in this database (it is a foreign table or a view), so they cannot be copied. Detach it, or set copy to never for its table.");
            }

            rows += reader.GetInt64(6);
            ranges.AddRange(Cut((uint)reader.GetInt64(0), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(7), Math.Min(chunkBytes, Math.Max(reader.GetInt64(5) / RangesMin, SmallRangeBytes))));
        }

        return (ranges, rows);
    }

    /// <summary>What the heaps of a table weigh now, with what lies out of line.</summary>
    public static async Task<long> BytesAsync(NpgsqlConnection connection, uint oid, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, CopySourceSql.Heaps, Oid(oid));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var bytes = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            bytes += reader.GetInt64(5);
        }

        return bytes;
    }

    /// <summary>The name that a relation has now; null when it is gone.</summary>
    public static async Task<TableName?> NameAsync(NpgsqlConnection connection, uint oid, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, CopySourceSql.HeapName, Oid(oid));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new TableName(reader.GetString(0), reader.GetString(1)) : null;
    }

    public static async Task<bool> LiesAsBeforeAsync(NpgsqlConnection connection, uint oid, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, CopySourceSql.LiesAsBefore, Oid(oid));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>No range for an empty heap; the last one is open, though no row of the snapshot can lie behind the size that the heap has now.</summary>
    internal static IEnumerable<PlannedRange> Cut(uint heap, long heapBytes, long allBytes, long blockBytes, long chunkBytes)
    {
        var blocks = (heapBytes + blockBytes - 1) / blockBytes;
        if (blocks == 0)
        {
            yield break;
        }

        var bytesPerBlock = Math.Max((double)allBytes / blocks, 1);
        var step = (long)Math.Clamp(chunkBytes / bytesPerBlock, 1, blocks);
        for (var first = 0L; first < blocks; first += step)
        {
            var count = Math.Min(step, blocks - first);
            yield return new PlannedRange(heap, first, first + count < blocks ? first + count : null, (long)(count * bytesPerBlock));
        }
    }

    private static async Task<(IReadOnlyList<RelationColumn> Columns, IReadOnlyList<int> Numbers)> ColumnsAsync(
        NpgsqlConnection connection, uint oid, string[]? published, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection, CopySourceSql.Columns, Oid(oid), new NpgsqlParameter { Value = (object?)published ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = new List<RelationColumn>();
        var numbers = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
        {
            columns.Add(new RelationColumn(reader.GetString(0), reader.GetBoolean(1), (uint)reader.GetInt64(2), reader.GetInt32(3)));
            numbers.Add(reader.GetInt32(4));
        }

        return (columns, numbers);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter Oid(uint oid) => new() { Value = oid, NpgsqlDbType = NpgsqlDbType.Oid };

    private static NpgsqlParameter Names(IReadOnlyList<string> publications) => new() { Value = publications.ToArray() };
}
