using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>hstore_out: <c>"key"=>"value", "other"=>NULL</c>; no text is the empty map.</summary>
internal sealed class MapColumn : ColumnWriter
{
    private readonly QuotedText _quoted = new();
    private readonly TextColumn _text = new();

    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text)
    {
        var offset = vector.ListSize;
        var count = 0;
        while (!text.IsEmpty)
        {
            vector.ReserveList(offset + count + 1);
            var written = TryWriteEntry(vector.Child, offset + count, ref text);
            count++;
            if (!written || !(text.IsEmpty || (TryTake(ref text, ", "u8) && !text.IsEmpty)))
            {
                vector.SetListEntry(row, offset, count);
                return false;
            }
        }

        vector.SetListEntry(row, offset, count);
        return true;
    }

    private bool TryWriteEntry(Vector entries, int at, ref ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'"', ..] || !_quoted.TryRead(ref text, doubledQuotes: false, out var key)
            || !_text.TryWrite(entries.Fields[0], at, key) || !TryTake(ref text, "=>"u8))
        {
            return false;
        }

        if (text is [(byte)'"', ..])
            return _quoted.TryRead(ref text, doubledQuotes: false, out var value) && _text.TryWrite(entries.Fields[1], at, value);
        entries.Fields[1].SetNull(at);
        return TryTake(ref text, "NULL"u8);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> expected)
    {
        if (!text.StartsWith(expected))
            return false;
        text = text[expected.Length..];
        return true;
    }
}
