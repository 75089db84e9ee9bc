using System.Buffers;
using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>geometry_out and geography_out of PostGIS: the EWKB bytes as hexadecimal digits.</summary>
internal sealed class HexColumn : ColumnWriter
{
    private byte[] _bytes = [];

    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text)
    {
        if (text.Length % 2 != 0)
            return false;
        if (_bytes.Length < text.Length / 2)
            _bytes = new byte[text.Length];
        var bytes = _bytes.AsSpan(0, text.Length / 2);
        if (Convert.FromHexString(text, bytes, out _, out _) != OperationStatus.Done)
            return false;
        vector.SetText(row, bytes);
        return true;
    }
}
