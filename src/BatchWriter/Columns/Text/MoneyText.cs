namespace Philotes.BatchWriter.Columns.Text;

/// <summary>cash_out under <c>lc_monetary=C</c>: <c>$1,234.56</c>, <c>-$1,234.56</c>; to the unscaled value of a decimal(19,2), which holds every bigint of cents.</summary>
internal static class MoneyText
{
    private const int DigitsMax = 20;

    public static bool TryParse(ReadOnlySpan<byte> text, out Int128 unscaled)
    {
        unscaled = 0;
        Span<byte> plain = stackalloc byte[DigitsMax + 2];
        var length = 0;
        foreach (var symbol in text)
        {
            if (symbol is (byte)'$' or (byte)',')
            {
                continue;
            }

            if (length == plain.Length)
            {
                return false;
            }

            plain[length++] = symbol;
        }

        return DecimalText.TryParse(plain[..length], precision: 19, scale: 2, out unscaled);
    }
}
