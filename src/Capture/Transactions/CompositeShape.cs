using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>
/// How many fields each composite value of a table's rows has. A composite type can be altered without the source describing the tables again that hold it, so the first
/// value with another number of fields is what tells.
/// </summary>
internal sealed class CompositeShape
{
    private readonly Dictionary<int, int> _expected;

    private CompositeShape(Dictionary<int, int> expected) => _expected = expected;

    /// <summary>Null for a table without composite columns.</summary>
    /// <param name="types">As ColumnSchema.Type has them, in the order of the rows.</param>
    public static CompositeShape? Of(IReadOnlyList<string> types)
    {
        var expected = types.Select((type, i) => (Column: i, Type: PostgresType.Parse(type) as CompositeType))
            .Where(column => column.Type is not null).ToDictionary(column => column.Column, column => column.Type!.Fields.Count);
        return expected.Count == 0 ? null : new CompositeShape(expected);
    }

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
