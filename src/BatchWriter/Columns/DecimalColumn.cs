using Philotes.BatchWriter.Columns.Text;
using Philotes.DuckDb;

namespace Philotes.BatchWriter.Columns;

/// <summary>A decimal(p,s), unscaled in the width that DuckDB stores it with: 2 bytes to 4 digits, 4 to 9, 8 to 18, 16 to 38.</summary>
internal sealed class DecimalColumn(int precision, int scale) : ColumnWriter
{
    public override bool TryWrite(Vector vector, int row, ReadOnlySpan<byte> text)
    {
        if (precision > 18)
        {
            if (!DecimalText.TryParse(text, precision, scale, out Int128 wide))
                return false;
            vector.Values<Int128>()[row] = wide;
            return true;
        }

        if (!DecimalText.TryParse(text, precision, scale, out long value))
            return false;
        switch (precision)
        {
            case <= 4:
                vector.Values<short>()[row] = (short)value;
                break;
            case <= 9:
                vector.Values<int>()[row] = (int)value;
                break;
            default:
                vector.Values<long>()[row] = value;
                break;
        }

        return true;
    }
}
