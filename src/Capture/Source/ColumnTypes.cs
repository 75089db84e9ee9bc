using Npgsql;
using NpgsqlTypes;
using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>Turns the type OIDs of a relation message into the words of <see cref="PostgresType"/>, by asking the source's catalog.</summary>
internal static class ColumnTypes
{
    /// <summary>One type per column. A type that is gone by now keeps the words that <paramref name="last"/> has for it.</summary>
    /// <param name="moneyDigits">Fraction digits of money at the source; asked only where a column holds money.</param>
    public static async Task<IReadOnlyList<string>> ResolveAsync(
        NpgsqlConnection catalog, RelationMessage relation, IReadOnlyList<int> numbers, NumberedRelation? last,
        Func<CancellationToken, Task<int>> moneyDigits, CancellationToken cancellationToken)
    {
        var dimensions = await DimensionsAsync(catalog, relation, numbers, cancellationToken);
        var types = await TypeCatalog.ResolveAsync(
            catalog, [.. relation.Columns.Select((column, i) => (column.TypeOid, column.TypeModifier, dimensions[i]))], moneyDigits, cancellationToken);
        return [.. relation.Columns.Select((column, i) => types[i] == TypeCatalog.Gone ? Remembered(column, last) : types[i].ToString())];
    }

    private static async Task<IReadOnlyList<int>> DimensionsAsync(
        NpgsqlConnection catalog, RelationMessage relation, IReadOnlyList<int> numbers, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TypeSql.Dimensions, catalog)
        {
            Parameters =
            {
                new() { Value = relation.RelationOid, NpgsqlDbType = NpgsqlDbType.Oid },
                new() { Value = numbers.ToArray() },
            },
        };
        var dimensions = new List<int>(relation.Columns.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            dimensions.Add(reader.GetInt32(0));
        }

        return dimensions;
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

        return TypeCatalog.Gone.ToString();
    }
}
