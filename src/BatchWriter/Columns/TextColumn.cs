using System.Text.Unicode;
using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>The server's text as it is. Bytes that are not UTF-8, as a SQL_ASCII database may hold, are outside.</summary>
internal sealed class TextColumn : ColumnWriter
{
    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            return false;
        vector.SetText(row, text);
        return true;
    }
}
