using Philotes.BatchWriter.Columns.Text;
using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>bytea. Decodes through one buffer that grows to the largest value of the batch.</summary>
internal sealed class BinaryColumn : ColumnWriter
{
    private byte[] _bytes = [];

    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text)
    {
        var length = ByteaText.Measure(text);
        if (length < 0)
            return false;
        if (_bytes.Length < length)
            _bytes = new byte[Math.Max(length, Math.Min(_bytes.Length * 2L, Array.MaxLength))];
        var bytes = _bytes.AsSpan(0, length);
        if (!ByteaText.TryDecode(text, bytes))
            return false;
        vector.SetText(row, bytes);
        return true;
    }
}
