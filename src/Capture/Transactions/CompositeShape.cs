using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>
/// What a table's composite values look like, and up to where that is known. A composite type can be altered without the source describing the tables again that hold it;
/// so the catalog is looked at again at the first row of a transaction that committed behind the last look, and each top-level value is compared with the number of
/// fields that its type has.
/// </summary>
internal sealed class CompositeShape
{
    private readonly Dictionary<int, int> _expected;

    private CompositeShape(IReadOnlyList<string> types, Dictionary<int, int> expected)
    {
        Types = types;
        _expected = expected;
    }

    /// <summary>As ColumnSchema.Type has them, in the order of the rows.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>Transactions that committed before this position are of these types, or of those in doubt.</summary>
    public Lsn KnownUntil { get; private set; }

    /// <summary>Two states that rows before <see cref="KnownUntil"/> may be of; null when there is one.</summary>
    public CompositeDoubt? Doubt { get; private set; }

    /// <summary>Null for a table without composite values.</summary>
    /// <param name="types">As ColumnSchema.Type has them, in the order of the rows.</param>
    public static CompositeShape? Of(IReadOnlyList<string> types)
    {
        var parsed = types.Select(PostgresType.Parse).ToList();
        return parsed.Exists(CompositeText.IsIn)
            ? new CompositeShape(types, Enumerable.Range(0, parsed.Count).Where(i => parsed[i] is CompositeType).ToDictionary(i => i, i => ((CompositeType)parsed[i]).Fields.Count))
            : null;
    }

    public void Know(Lsn until, CompositeDoubt? doubt) => (KnownUntil, Doubt) = (until, doubt);

    /// <summary>What the row is of, where that is not what the table's version says or somebody must be told; else null.</summary>
    public CompositeChoice? Choose(in RowMessage row, uint xid) =>
        Doubt?.Choose(row, Types, xid) is { } choice && (!choice.Types.SequenceEqual(Types) || !(choice.IsCertain || Doubt.IsTold)) ? choice : null;

    /// <summary>Column to number of fields, for the values of a tuple that have another number than their type; null when all fit.</summary>
    public Dictionary<int, int>? Misfits(ReadOnlySpan<byte> tuple)
    {
        Dictionary<int, int>? misfits = null;
        var reader = new TupleReader(tuple);
        for (var i = 0; i < reader.ColumnCount; i++)
        {
            if (reader.Next(out var text) == TupleValueKind.Text && _expected.TryGetValue(i, out var expected)
                && FieldCount(text) is var count && count != expected && !(expected == 0 && text.Length == 2))
            {
                (misfits ??= [])[i] = count;
            }
        }

        return misfits;
    }

    /// <summary>record_out puts one comma between two fields, and quotes every field that holds one.</summary>
    private static int FieldCount(ReadOnlySpan<byte> text)
    {
        var count = 1;
        var isQuoted = false;
        foreach (var letter in text)
        {
            isQuoted ^= letter == '"';
            if (letter == ',' && !isQuoted)
            {
                count++;
            }
        }

        return count;
    }
}
