using Npgsql;
using NpgsqlTypes;
using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>Turns the type OIDs of a relation message into the words of <see cref="ColumnSchema.Type"/>, by asking the source's catalog.</summary>
internal static class ColumnTypes
{
    /// <summary>A type that was dropped before it was ever asked for: its text is kept as text.</summary>
    private const string Gone = "unknown";

    /// <summary>One type per column. A type that is gone by now keeps the words that <paramref name="last"/> has for it.</summary>
    public static async Task<IReadOnlyList<string>> ResolveAsync(
        NpgsqlConnection catalog, RelationMessage relation, IReadOnlyList<int> numbers, NumberedRelation? last, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SourceSql.ColumnTypes, catalog)
        {
            Parameters =
            {
                new() { Value = relation.Columns.Select(column => column.TypeOid).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid },
                new() { Value = relation.Columns.Select(column => column.TypeModifier).ToArray() },
                new() { Value = relation.RelationOid, NpgsqlDbType = NpgsqlDbType.Oid },
                new() { Value = numbers.ToArray() },
            },
        };
        var types = new List<string>(relation.Columns.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            types.Add(reader.IsDBNull(0) ? Remembered(relation.Columns[types.Count], last) : reader.GetString(0));
        }

        return types.Count == relation.Columns.Count
            ? types
            : throw new PhilotesException("PH900", $"The source's catalog described {types.Count} of {relation.Columns.Count} columns of {relation.Name}. Report this.");
    }

    private static string Remembered(RelationColumn column, NumberedRelation? last)
    {
        for (var i = 0; i < last?.Columns.Count; i++)
        {
            if (last.Columns[i].TypeOid == column.TypeOid && last.Columns[i].TypeModifier == column.TypeModifier)
            {
                return last.Types[i];
            }
        }

        return Gone;
    }
}
