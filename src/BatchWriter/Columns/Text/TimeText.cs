namespace Philotes.BatchWriter.Columns.Text;

/// <summary>time_out: <c>HH:MM:SS</c> with up to six decimals, to microseconds since midnight. <c>24:00:00</c> does not fit.</summary>
internal static class TimeText
{
    internal const long MicrosecondsPerDay = 86_400_000_000;

    public static bool TryParse(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length is < 8 or > 15 || text[2] != ':' || text[5] != ':'
            || !DateText.TryParseTwoDigits(text[..2], out var hours) || !DateText.TryParseTwoDigits(text[3..5], out var minutes)
            || !DateText.TryParseTwoDigits(text[6..8], out var seconds) || hours > 23 || minutes > 59 || seconds > 59
            || !TryParseDecimals(text[8..], out var decimals))
        {
            return false;
        }

        microseconds = ((((hours * 60L) + minutes) * 60) + seconds) * 1_000_000 + decimals;
        return true;
    }

    private static bool TryParseDecimals(ReadOnlySpan<byte> text, out int microseconds)
    {
        microseconds = 0;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text[0] != '.' || text.Length is < 2 or > 7 || text[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        for (var i = 1; i < 7; i++)
        {
            microseconds = (microseconds * 10) + (i < text.Length ? text[i] - '0' : 0);
        }

        return true;
    }
}
