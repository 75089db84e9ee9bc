using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>
/// A composite type was altered between two looks at the catalog, which tells what it is now and who altered it last, but not where in the stream. A row
/// from between the looks is of the state whose fields its text has. Where both have them, transaction ids decide; they follow the log but
/// where a transaction ran across the change, so that is said (PH211).
/// </summary>
/// <param name="before">The columns' types at the look before, as ColumnSchema.Type has them.</param>
/// <param name="alteredBy">The transaction that altered last.</param>
internal sealed class CompositeDoubt(IReadOnlyList<string> before, IReadOnlyList<string> after, uint alteredBy)
{
    private readonly Dictionary<int, (PostgresType Before, PostgresType After)> _columns = Enumerable.Range(0, before.Count)
        .Where(i => before[i] != after[i]).ToDictionary(i => i, i => (PostgresType.Parse(before[i]), PostgresType.Parse(after[i])));

    public IReadOnlyList<string> Before => before;

    public IReadOnlyList<string> After => after;

    /// <summary>Somebody was told.</summary>
    public bool IsTold { get; set; }

    /// <summary>The columns of the relation that are in doubt.</summary>
    public IEnumerable<int> Columns => _columns.Keys;

    /// <summary>Null when the row is of neither state.</summary>
    /// <param name="current">What the row before was of.</param>
    public CompositeChoice? Choose(in RowMessage row, IReadOnlyList<string> current, uint xid)
    {
        var seen = new Evidence();
        if (row.HasNew)
            Look(row.New, ref seen);
        if (row.HasOld)
            Look(row.Old, ref seen);
        if (!seen.FitsBefore || !seen.FitsAfter)
            return seen.FitsBefore ? new(before, IsCertain: true) : seen.FitsAfter ? new(after, IsCertain: true) : null;
        if (!seen.HasValue)
            return new(current, IsCertain: true);
        return new(xid == alteredBy ? current : (int)(xid - alteredBy) < 0 ? before : after, IsCertain: !seen.IsAmbiguous);
    }

    private void Look(ReadOnlySpan<byte> tuple, ref Evidence seen)
    {
        var reader = new TupleReader(tuple);
        for (var i = 0; i < reader.ColumnCount; i++)
        {
            if (reader.Next(out var text) != TupleValueKind.Text || !_columns.TryGetValue(i, out var types))
                continue;
            seen.HasValue = true;
            seen.FitsBefore &= CompositeText.Fits(text, types.Before);
            seen.FitsAfter &= CompositeText.Fits(text, types.After);
            seen.IsAmbiguous |= Nameless(types.Before) != Nameless(types.After);
        }
    }

    /// <summary>Two states that differ in names alone take the same values into the same fields.</summary>
    private static PostgresType Nameless(PostgresType type) => type switch
    {
        CompositeType row => new CompositeType([.. row.Fields.Select(field => new CompositeField(field.Number, "", Nameless(field.Type)))]),
        ArrayType array => array with { Element = Nameless(array.Element) },
        _ => type,
    };

    private struct Evidence()
    {
        public bool FitsBefore = true, FitsAfter = true, HasValue, IsAmbiguous;
    }
}
