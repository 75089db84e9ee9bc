using System.Globalization;

namespace Philotes.BatchWriter.Columns.Text;

/// <summary>
/// float4out and float8out under <c>extra_float_digits=3</c>: the shortest text that reads back to the same bits, <c>NaN</c>,
/// <c>Infinity</c>, <c>-Infinity</c>; <c>-0</c> keeps its sign. A finite text beyond the type's range cannot come from the server and is refused.
/// </summary>
internal static class FloatText
{
    public static bool TryParseFloat(ReadOnlySpan<byte> text, out float value)
    {
        if (TryParseSpecial(text, out var special))
        {
            value = (float)special;
            return true;
        }

        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
    }

    public static bool TryParseDouble(ReadOnlySpan<byte> text, out double value) =>
        TryParseSpecial(text, out value)
        || (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value));

    /// <summary>A real in a column that was widened to double: the float's own value, as Iceberg promotes files written before.</summary>
    public static bool TryParseWidened(ReadOnlySpan<byte> text, out double value)
    {
        var fits = TryParseFloat(text, out var single);
        value = single;
        return fits;
    }

    private static bool TryParseSpecial(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        if (text.Length is not (3 or 8 or 9))
        {
            return false;
        }

        value = text.SequenceEqual("NaN"u8) ? double.NaN
            : text.SequenceEqual("Infinity"u8) ? double.PositiveInfinity
            : text.SequenceEqual("-Infinity"u8) ? double.NegativeInfinity : 0;
        return value != 0;
    }
}
