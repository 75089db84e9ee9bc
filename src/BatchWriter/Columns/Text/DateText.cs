namespace Philotes.BatchWriter.Columns.Text;

/// <summary>
/// date_out under <c>datestyle=ISO</c>: <c>2024-02-29</c>, <c>10000-01-01</c> (a year has at least four digits), <c>0044-03-15 BC</c>.
/// Parsed to days since 1970-01-01 in the proleptic Gregorian calendar. <c>infinity</c> does not fit.
/// </summary>
internal static class DateText
{
    public static bool TryParse(ReadOnlySpan<byte> text, out int days)
    {
        days = 0;
        var beforeChrist = TrimEra(ref text);
        if (!TryParseCalendarDay(text, beforeChrist, out var wide) || wide is < int.MinValue or > int.MaxValue)
        {
            return false;
        }

        days = (int)wide;
        return true;
    }

    /// <summary>Cuts a trailing <c> BC</c> off and says whether it was there.</summary>
    internal static bool TrimEra(ref ReadOnlySpan<byte> text)
    {
        if (!text.EndsWith(" BC"u8))
        {
            return false;
        }

        text = text[..^3];
        return true;
    }

    /// <summary><c>YYYY-MM-DD</c>, checked against the calendar.</summary>
    internal static bool TryParseCalendarDay(ReadOnlySpan<byte> text, bool beforeChrist, out long days)
    {
        days = 0;
        if (text.Length is < 10 or > 13 || text[^3] != '-' || text[^6] != '-'
            || !IntegerText.TryParseInt(text[..^6], out var year) || !TryParseTwoDigits(text[^5..^3], out var month)
            || !TryParseTwoDigits(text[^2..], out var day) || year < 1)
        {
            return false;
        }

        var astronomical = beforeChrist ? 1 - year : year;
        if (month is < 1 or > 12 || day < 1 || day > DaysIn(astronomical, month))
        {
            return false;
        }

        days = DaysSince1970(astronomical, month, day);
        return true;
    }

    internal static bool TryParseTwoDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        if (text.Length != 2 || !char.IsAsciiDigit((char)text[0]) || !char.IsAsciiDigit((char)text[1]))
        {
            return false;
        }

        value = ((text[0] - '0') * 10) + (text[1] - '0');
        return true;
    }

    private static int DaysIn(long year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Counts in eras of 400 years that begin in March, so that the leap day is the last day of its year.</summary>
    private static long DaysSince1970(long year, int month, int day)
    {
        const int daysPerEra = 146_097;
        const int daysFromEraToEpoch = 719_468;
        year -= month <= 2 ? 1 : 0;
        var era = (year >= 0 ? year : year - 399) / 400;
        var yearOfEra = year - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * daysPerEra) + dayOfEra - daysFromEraToEpoch;
    }
}
