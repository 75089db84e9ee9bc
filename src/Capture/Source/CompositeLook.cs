using Npgsql;
using NpgsqlTypes;
using Philotes.Capture.Decoding;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// What the catalog says of a table's composite types, and up to where that holds. The position is read first: whatever committed below it, the types read
/// after it show.
/// </summary>
/// <param name="Types">As ColumnSchema.Type has them, in the order of the columns.</param>
/// <param name="AlteredBy">The transaction that altered a composite type of the table last; 0 when that is too long ago to be compared.</param>
internal sealed record CompositeLook(Lsn Until, IReadOnlyList<string> Types, uint AlteredBy)
{
    public static async Task<CompositeLook> TakeAsync(
        NpgsqlConnection catalog, RelationMessage relation, IReadOnlyList<int> numbers, NumberedRelation? last,
        Func<CancellationToken, Task<int>> moneyDigits, CancellationToken cancellationToken)
    {
        var until = await PositionAsync(catalog, cancellationToken);
        var types = await ColumnTypes.ResolveAsync(catalog, relation, numbers, last, moneyDigits, cancellationToken);
        return new CompositeLook(until, types, await AlteredByAsync(catalog, relation, cancellationToken));
    }

    /// <summary>Null where nothing changed.</summary>
    /// <param name="known">What the columns were of at the look before.</param>
    public CompositeDoubt? Against(IReadOnlyList<string> known) => known.SequenceEqual(Types) ? null : new CompositeDoubt(known, Types, AlteredBy);

    /// <summary>
    /// The types of now, but those of <paramref name="last"/> where the same column held the same composite type: the rows that come next may be older than what the
    /// catalog says.
    /// </summary>
    public IReadOnlyList<string> Before(RelationMessage relation, IReadOnlyList<int> numbers, NumberedRelation? last)
    {
        var types = Types.ToArray();
        for (var i = 0; i < types.Length; i++)
        {
            var was = last?.Numbers.ToList().IndexOf(numbers[i]) ?? -1;
            if (was >= 0 && last!.Columns[was].TypeOid is var oid && (oid == 0 || oid == relation.Columns[i].TypeOid) && IsComposite(types[i]) && IsComposite(last.Types[was]))
                types[i] = last.Types[was];
        }

        return types;
    }

    public static bool IsComposite(string type) => CompositeText.IsIn(PostgresType.Parse(type));

    private static async Task<Lsn> PositionAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SourceSql.Position, catalog);
        return Lsn.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private static async Task<uint> AlteredByAsync(NpgsqlConnection catalog, RelationMessage relation, CancellationToken cancellationToken)
    {
        var types = relation.Columns.Select(column => column.TypeOid).Distinct().ToArray();
        await using var command = new NpgsqlCommand(TypeSql.AlteredBy, catalog)
        {
            Parameters = { new() { Value = types, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is uint xid ? xid : 0;
    }
}
