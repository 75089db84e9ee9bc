namespace Philotes.BatchWriter.Columns.Text;

/// <summary>
/// numeric_out: optional minus, digits, optional point and digits; never an exponent. Parsed to the unscaled value of a decimal(p,s).
/// A value is never rounded: decimals beyond s that are not zero, more digits than p, NaN and the infinities do not fit.
/// </summary>
internal static class DecimalText
{
    private const int LongDigits = 18;

    /// <summary>For p up to 18.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, int precision, int scale, out long unscaled)
    {
        var fits = TryParse(text, precision, scale, out Int128 wide);
        unscaled = fits ? (long)wide : 0;
        return fits;
    }

    /// <summary>For p up to 38.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, int precision, int scale, out Int128 unscaled)
    {
        unscaled = 0;
        var negative = text is [(byte)'-', ..];
        var digits = negative ? text[1..] : text;
        var point = digits.IndexOf((byte)'.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? default : digits[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && fraction.IsEmpty) || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        whole = whole.TrimStart((byte)'0');
        if (fraction.Length > scale)
        {
            fraction = fraction.TrimEnd((byte)'0');
        }

        if (fraction.Length > scale || whole.Length > precision - scale)
        {
            return false;
        }

        unscaled = Accumulate(whole, fraction, zeros: scale - fraction.Length);
        unscaled = negative ? -unscaled : unscaled;
        return true;
    }

    private static Int128 Accumulate(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, int zeros)
    {
        if (whole.Length + fraction.Length + zeros <= LongDigits)
        {
            return Pad(Append(Append(0L, whole), fraction), zeros);
        }

        Int128 value = 0;
        foreach (var digit in whole)
        {
            value = (value * 10) + (digit - '0');
        }

        foreach (var digit in fraction)
        {
            value = (value * 10) + (digit - '0');
        }

        for (; zeros > 0; zeros--)
        {
            value *= 10;
        }

        return value;
    }

    private static long Append(long value, ReadOnlySpan<byte> digits)
    {
        foreach (var digit in digits)
        {
            value = (value * 10) + (digit - '0');
        }

        return value;
    }

    private static long Pad(long value, int zeros)
    {
        for (; zeros > 0; zeros--)
        {
            value *= 10;
        }

        return value;
    }
}
