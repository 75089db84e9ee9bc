using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>A column of fixed-width values.</summary>
internal sealed class ValueColumn<T>(TextParser<T> parse) : ColumnWriter
    where T : unmanaged
{
    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text)
    {
        if (!parse(text, out var value))
            return false;
        vector.Values<T>()[row] = value;
        return true;
    }
}
