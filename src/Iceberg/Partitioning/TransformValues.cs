using System.Text;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Partitioning;

/// <summary>The arithmetic of the transforms (Iceberg spec, Partition Transforms and Appendix B). All division rounds down.</summary>
public static class TransformValues
{
    public const long MicrosPerDay = 86_400_000_000;
    private const long MicrosPerHour = 3_600_000_000;

    /// <summary>Int and date are widened to eight bytes before they are hashed, so that a promotion to long changes no bucket.</summary>
    public static int Hash(IcebergType source, object value) => value switch
    {
        int v => Murmur3.Hash(v),
        long v => Murmur3.Hash(v),
        _ => Murmur3.Hash(SingleValue.Encode(source, value)),
    };

    public static int Bucket(int count, int hash) => (hash & int.MaxValue) % count;

    public static object Truncate(int width, object value) => value switch
    {
        int v => checked(v - (int)Modulo(v, width)),
        long v => checked(v - Modulo(v, width)),
        Int128 v => checked(v - ((((v % width) + width) % width))),
        string v => Prefix(v, width),
        byte[] v => v.AsSpan(0, Math.Min(width, v.Length)).ToArray(),
        _ => throw new ArgumentException($"A {value.GetType().Name} cannot be truncated.", nameof(value)),
    };

    public static int Years(IcebergType source, object value) => checked((int)(CivilFromDays(DaysOf(source, value)).Year - 1970));

    public static int Months(IcebergType source, object value)
    {
        var (year, month, _) = CivilFromDays(DaysOf(source, value));
        return checked((int)(((year - 1970) * 12) + month - 1));
    }

    public static int Days(IcebergType source, object value) => checked((int)DaysOf(source, value));

    public static int Hours(long micros) => checked((int)FloorDivide(micros, MicrosPerHour));

    internal static long FloorDivide(long value, long divisor) => (value / divisor) - (value % divisor < 0 ? 1 : 0);

    /// <summary>The proleptic Gregorian date of a day number; exact for every number of days that an Iceberg value can mean.</summary>
    internal static (long Year, int Month, int Day) CivilFromDays(long days)
    {
        // Eras of 400 years that begin on 1 March of year 0, so that the leap day is the last day of a year.
        var shifted = days + 719_468;
        var era = FloorDivide(shifted, 146_097);
        var dayOfEra = shifted - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1_460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var marchMonth = ((5 * dayOfYear) + 2) / 153;
        var month = (int)(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9);
        var day = (int)(dayOfYear - (((153 * marchMonth) + 2) / 5) + 1);
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, day);
    }

    private static long DaysOf(IcebergType source, object value) => source is DateType ? (int)value : FloorDivide((long)value, MicrosPerDay);

    private static long Modulo(long value, long width) => ((value % width) + width) % width;

    private static string Prefix(string text, int codePoints)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes().Take(codePoints))
        {
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
