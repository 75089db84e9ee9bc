namespace Philotes.BatchWriter.Columns.Text;

/// <summary>
/// timestamp_out and timestamptz_out under <c>datestyle=ISO</c>: <c>2024-01-31 12:34:56.5</c>, with a zone <c>+00</c>, <c>-03:30</c> or
/// <c>+00:19:32</c>, and <c> BC</c> at the very end. Parsed to microseconds since 1970. What 64 bits cannot hold (behind
/// 294247-01-10 04:00:54.775807) and the infinities do not fit.
/// </summary>
internal static class TimestampText
{
    public static bool TryParse(ReadOnlySpan<byte> text, out long microseconds)
    {
        var beforeChrist = DateText.TrimEra(ref text);
        return TryParseLocal(text, beforeChrist, offsetSeconds: 0, out microseconds);
    }

    public static bool TryParseWithZone(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        var beforeChrist = DateText.TrimEra(ref text);
        var space = text.IndexOf((byte)' ');
        var sign = space < 0 ? -1 : text[space..].LastIndexOfAny((byte)'+', (byte)'-');
        return sign > 0 && TryParseOffset(text[(space + sign)..], out var offset)
            && TryParseLocal(text[..(space + sign)], beforeChrist, offset, out microseconds);
    }

    private static bool TryParseLocal(ReadOnlySpan<byte> text, bool beforeChrist, int offsetSeconds, out long microseconds)
    {
        microseconds = 0;
        var space = text.IndexOf((byte)' ');
        if (space < 0 || !DateText.TryParseCalendarDay(text[..space], beforeChrist, out var days)
            || !TimeText.TryParse(text[(space + 1)..], out var timeOfDay))
        {
            return false;
        }

        var wide = ((Int128)days * TimeText.MicrosecondsPerDay) + timeOfDay - (offsetSeconds * 1_000_000L);
        if (wide < long.MinValue || wide > long.MaxValue)
        {
            return false;
        }

        microseconds = (long)wide;
        return true;
    }

    /// <summary>Seconds east of UTC, from <c>+HH</c>, <c>+HH:MM</c> or <c>+HH:MM:SS</c>.</summary>
    private static bool TryParseOffset(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (text.Length is not (3 or 6 or 9))
        {
            return false;
        }

        for (int start = 1, unit = 3600; start < text.Length; start += 3, unit /= 60)
        {
            if ((start > 1 && text[start - 1] != ':') || !DateText.TryParseTwoDigits(text.Slice(start, 2), out var part))
            {
                return false;
            }

            seconds += part * unit;
        }

        seconds = text[0] == '-' ? -seconds : seconds;
        return true;
    }
}
