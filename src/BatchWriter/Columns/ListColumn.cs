using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>
/// array_out: <c>{1,NULL,"a \"quoted\" b"}</c>, braces per dimension. Elements go straight into the list's child vector. A value with another number of
/// dimensions than declared, or with a lower bound that is not 1 (<c>[0:1]={…}</c>), is outside; so is one that holds an outside element.
/// </summary>
internal sealed class ListColumn(ColumnWriter element, int dimensions, byte delimiter) : ColumnWriter
{
    private readonly QuotedText _quoted = new();

    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text) => TryWriteLevel(vector, row, ref text, dimensions) && text.IsEmpty;

    /// <summary>What a failed attempt has used of the child stays used, so that its marks are never taken for another row's.</summary>
    private bool TryWriteLevel(Vector vector, int row, ref ReadOnlySpan<byte> text, int level)
    {
        if (text is not [(byte)'{', ..])
            return false;
        text = text[1..];
        var child = vector.Child;
        var offset = vector.ListSize;
        var count = 0;
        var more = text is not [(byte)'}', ..];
        while (more)
        {
            vector.ReserveList(offset + count + 1);
            var written = level > 1 ? TryWriteLevel(child, offset + count, ref text, level - 1) : TryWriteElement(child, offset + count, ref text);
            count++;
            more = text.Length > 0 && text[0] == delimiter;
            if (!written || (!more && text is not [(byte)'}', ..]))
            {
                vector.SetListEntry(row, offset, count);
                return false;
            }

            text = more ? text[1..] : text;
        }

        vector.SetListEntry(row, offset, count);
        if (text.IsEmpty)
            return false;
        text = text[1..];
        return true;
    }

    private bool TryWriteElement(Vector child, int at, ref ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'"', ..])
            return _quoted.TryRead(ref text, doubledQuotes: false, out var quoted) && element.TryWrite(child, at, quoted);
        var end = text.IndexOfAny(delimiter, (byte)'}');
        if (end <= 0 || text[0] == '{')
            return false;
        var value = text[..end];
        text = text[end..];
        if (!value.SequenceEqual("NULL"u8))
            return element.TryWrite(child, at, value);
        child.SetNull(at);
        return true;
    }
}
