using System.Globalization;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Partitioning;

/// <summary>Partition values as people read them in folder names. Never parsed back.</summary>
internal static class PartitionPathText
{
    /// <summary>Form encoding, as the reference implementation's: a space becomes a plus.</summary>
    public static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    public static string Of(Transform transform, IcebergType source, object? value) => (transform, value) switch
    {
        (_, null) => "null",
        (Transform.Year, int years) => Format($"{years + 1970L:0000}"),
        (Transform.Month, int months) => Month(months),
        (Transform.Day, int days) => Date(days),
        (Transform.Hour, int hours) => Format($"{Date(TransformValues.FloorDivide(hours, 24))}-{hours - (TransformValues.FloorDivide(hours, 24) * 24):00}"),
        _ => Of(transform.ResultType(source), value),
    };

    private static string Of(IcebergType type, object value) => (type, value) switch
    {
        (DateType, int days) => Date(days),
        (TimeType, long micros) => Time(micros),
        (TimestampType, long micros) => Timestamp(micros),
        (TimestampTzType, long micros) => Timestamp(micros) + "+00:00",
        (DecimalType decimalType, Int128 unscaled) => Decimal(unscaled, decimalType.Scale),
        (BooleanType, bool flag) => flag ? "true" : "false",
        (_, byte[] bytes) => Convert.ToBase64String(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Month(int months)
    {
        var year = TransformValues.FloorDivide(months, 12);
        return Format($"{year + 1970:0000}-{months - (year * 12) + 1:00}");
    }

    private static string Date(long days)
    {
        var (year, month, day) = TransformValues.CivilFromDays(days);
        return Format($"{year:0000}-{month:00}-{day:00}");
    }

    private static string Timestamp(long micros)
    {
        var days = TransformValues.FloorDivide(micros, TransformValues.MicrosPerDay);
        return $"{Date(days)}T{Time(micros - (days * TransformValues.MicrosPerDay))}";
    }

    private static string Time(long micros)
    {
        var (seconds, fraction) = Math.DivRem(micros, 1_000_000);
        var text = Format($"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        return fraction == 0 ? text : Format($"{text}.{fraction:000000}");
    }

    private static string Decimal(Int128 unscaled, int scale)
    {
        var digits = Int128.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var sign = unscaled < 0 ? "-" : "";
        return scale == 0 ? sign + digits : $"{sign}{digits[..^scale]}.{digits[^scale..]}";
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
