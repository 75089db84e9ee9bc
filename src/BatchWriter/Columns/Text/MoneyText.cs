namespace Philotes.BatchWriter.Columns.Text;

/// <summary>
/// cash_out under <c>lc_monetary=C</c>: <c>$1,234.56</c>, <c>-$1,234.56</c>. The server keeps a bigint of the smallest unit and prints its digits, whatever
/// the fraction digits of its own locale are; so the digits without their signs are the unscaled value of a decimal(19,s).
/// </summary>
internal static class MoneyText
{
    private const int DigitsMax = 19;

    public static bool TryParse(ReadOnlySpan<byte> text, out Int128 unscaled)
    {
        Span<byte> plain = stackalloc byte[DigitsMax + 1];
        var length = 0;
        unscaled = 0;
        foreach (var symbol in text)
        {
            if (symbol is (byte)'$' or (byte)',' or (byte)'.')
                continue;
            if (length == plain.Length)
                return false;
            plain[length++] = symbol;
        }

        var fits = IntegerText.TryParseLong(plain[..length], out var units);
        unscaled = units;
        return fits;
    }
}
