using Npgsql;
using NpgsqlTypes;
using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>Turns the type OIDs of a relation message into the words of <see cref="ColumnSchema.Type"/>, by asking the source's catalog.</summary>
internal static class ColumnTypes
{
    /// <summary>A type that was dropped since: its text is kept as text.</summary>
    private const string Gone = "unknown";

    public static async Task<TableSchema> ResolveAsync(NpgsqlConnection catalog, RelationMessage relation, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SourceSql.ColumnTypes, catalog)
        {
            Parameters =
            {
                new() { Value = relation.Columns.Select(column => column.TypeOid).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid },
                new() { Value = relation.Columns.Select(column => column.TypeModifier).ToArray() },
                new() { Value = relation.RelationOid, NpgsqlDbType = NpgsqlDbType.Oid },
                new() { Value = relation.Columns.Select(column => column.Name).ToArray() },
            },
        };
        var columns = new List<ColumnSchema>(relation.Columns.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var column = relation.Columns[columns.Count];
            columns.Add(new ColumnSchema(column.Name, reader.IsDBNull(0) ? Gone : reader.GetString(0), column.IsKey));
        }

        return columns.Count == relation.Columns.Count
            ? new TableSchema(relation.RelationOid, relation.Name, relation.ReplicaIdentity, columns)
            : throw new PhilotesException("PH900", $"The source's catalog described {columns.Count} of {relation.Columns.Count} columns of {relation.Name}. Report this.");
    }
}
