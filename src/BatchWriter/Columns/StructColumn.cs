using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>
/// record_out: <c>(1,"a ""quoted"" b",)</c>. A field without text is NULL, quotes without text are the empty text. A row of NULLs is a struct of NULLs and
/// not NULL. A value with another number of fields than the type has is outside.
/// </summary>
/// <param name="fields">Where each attribute's values go, in the type's order: the field of the struct, and its writer.</param>
/// <param name="fieldCount">Fields of the struct; those that no attribute fills are NULL.</param>
internal sealed class StructColumn((int Field, ColumnWriter Writer)[] fields, int fieldCount) : ColumnWriter
{
    private readonly QuotedText _quoted = new();
    private readonly int[] _idle = [.. Enumerable.Range(0, fieldCount).Except(fields.Select(field => field.Field))];

    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'(', .., (byte)')'])
            return false;
        text = text[1..];
        for (var i = 0; i < fields.Length; i++)
        {
            if (!TryWriteField(fields[i].Writer, vector.Fields[fields[i].Field], row, ref text) || text.IsEmpty
                || text[0] != (i + 1 < fields.Length ? ',' : ')'))
            {
                return false;
            }

            text = text[1..];
        }

        foreach (var field in _idle)
            vector.Fields[field].SetNull(row);
        return text.IsEmpty;
    }

    private bool TryWriteField(ColumnWriter writer, Vector field, int row, ref ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'"', ..])
            return _quoted.TryRead(ref text, doubledQuotes: true, out var quoted) && writer.TryWrite(field, row, quoted);
        var end = text.IndexOfAny((byte)',', (byte)')');
        if (end < 0)
            return false;
        var value = text[..end];
        text = text[end..];
        if (!value.IsEmpty)
            return writer.TryWrite(field, row, value);
        field.SetNull(row);
        return true;
    }
}
