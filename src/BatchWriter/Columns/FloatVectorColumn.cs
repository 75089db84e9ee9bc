using Philotes.BatchWriter.Columns.Text;
using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>vector_out and halfvec_out of pgvector: <c>[1,2.5,-3]</c>, to a list of floats.</summary>
internal sealed class FloatVectorColumn : ColumnWriter
{
    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'[', .., (byte)']'])
            return false;
        text = text[1..^1];
        var offset = vector.ListSize;
        var count = 0;
        while (true)
        {
            var end = text.IndexOf((byte)',');
            vector.ReserveList(offset + count + 1);
            if (!FloatText.TryParseFloat(end < 0 ? text : text[..end], out var value))
                return false;
            vector.Child.Values<float>()[offset + count++] = value;
            if (end < 0)
                break;
            text = text[(end + 1)..];
        }

        vector.SetListEntry(row, offset, count);
        return true;
    }
}
