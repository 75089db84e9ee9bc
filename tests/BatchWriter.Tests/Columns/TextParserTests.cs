using System.Globalization;
using System.Numerics;
using System.Text;
using Philotes.BatchWriter.Columns.Text;

namespace Philotes.BatchWriter.Tests.Columns;

public sealed class TextParserTests
{
    [TestCase("1970-01-01", 0)]
    [TestCase("1969-12-31", -1)]
    [TestCase("2000-02-29", 11016)]
    [TestCase("0044-03-15 BC", -735160)]
    [TestCase("4714-11-24 BC", -2440588)]
    [TestCase("9999-12-31", 2932896)]
    [TestCase("10000-01-01", 2932897)]
    [TestCase("5874897-12-31", 2145042905)]
    public void Dates_are_days_in_the_proleptic_calendar(string text, int days)
    {
        Assert.That(DateText.TryParse(Utf8(text), out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(days));
    }

    [TestCase("infinity")]
    [TestCase("-infinity")]
    [TestCase("2023-02-29")]
    [TestCase("0000-01-01")]
    [TestCase("")]
    public void What_is_no_day_does_not_fit(string text) => Assert.That(DateText.TryParse(Utf8(text), out _), Is.False);

    [TestCase("1970-01-01 00:00:00", 0L)]
    [TestCase("1969-12-31 23:59:59.999999", -1L)]
    [TestCase("2024-01-31 12:34:56.5", 1706704496500000L)]
    [TestCase("294247-01-10 04:00:54.775807", long.MaxValue)]
    [TestCase("4714-11-24 00:00:00 BC", -210866803200000000L)]
    public void Timestamps_are_microseconds(string text, long expected)
    {
        Assert.That(TimestampText.TryParse(Utf8(text), out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(expected));
    }

    [TestCase("294247-01-10 04:00:54.775808")]
    [TestCase("294276-12-31 23:59:59.999999")]
    [TestCase("infinity")]
    [TestCase("2024-01-31 24:00:00")]
    public void Timestamps_beyond_64_bits_do_not_fit(string text) => Assert.That(TimestampText.TryParse(Utf8(text), out _), Is.False);

    [TestCase("1970-01-01 00:00:00+00", 0L)]
    [TestCase("1970-01-01 00:00:00+05:30", -19800000000L)]
    [TestCase("1970-01-01 00:00:00-00:00:01", 1000000L)]
    [TestCase("1937-01-01 00:19:32+00:19:32", -1041379200000000L)]
    [TestCase("0044-03-15 12:00:00+00 BC", -63517780800000000L)]
    [TestCase("294247-01-10 04:00:54.775807+00", long.MaxValue)]
    public void Zones_are_taken_away(string text, long expected)
    {
        Assert.That(TimestampText.TryParseWithZone(Utf8(text), out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(expected));
    }

    [TestCase("1.10", 10, 2, "110")]
    [TestCase("-0.01", 10, 2, "-1")]
    [TestCase("0.00012", 5, 5, "12")]
    [TestCase("12300", 5, 0, "12300")]
    [TestCase("99999999999999999999999999999999999999", 38, 0, "99999999999999999999999999999999999999")]
    [TestCase("-99999999999999999999999999999999999999", 38, 0, "-99999999999999999999999999999999999999")]
    [TestCase("1.500", 3, 1, "15")]
    public void Numerics_are_unscaled(string text, int precision, int scale, string expected)
    {
        Assert.That(DecimalText.TryParse(Utf8(text), precision, scale, out Int128 parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(Int128.Parse(expected, CultureInfo.InvariantCulture)));
    }

    [TestCase("NaN", 10, 2)]
    [TestCase("Infinity", 10, 2)]
    [TestCase("1.234", 10, 2)]
    [TestCase("100", 2, 0)]
    [TestCase("1e5", 10, 2)]
    [TestCase("", 10, 2)]
    [TestCase("-", 10, 2)]
    [TestCase("1.", 10, 2)]
    public void Numerics_are_never_rounded_or_clamped(string text, int precision, int scale) =>
        Assert.That(DecimalText.TryParse(Utf8(text), precision, scale, out Int128 _), Is.False);

    [TestCase("$0.00", 0L)]
    [TestCase("-$1,234.56", -123456L)]
    [TestCase("$92,233,720,368,547,758.07", long.MaxValue)]
    [TestCase("-$92,233,720,368,547,758.08", long.MinValue)]
    public void Money_is_cents(string text, long cents)
    {
        Assert.That(MoneyText.TryParse(Utf8(text), out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo((Int128)cents));
    }

    [TestCase("12:34:56", 45296000000L)]
    [TestCase("23:59:59.999999", 86399999999L)]
    public void Times_are_microseconds_since_midnight(string text, long expected)
    {
        Assert.That(TimeText.TryParse(Utf8(text), out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(expected));
    }

    [Test]
    public void Twenty_four_hours_is_no_time_of_day() => Assert.That(TimeText.TryParse("24:00:00"u8, out _), Is.False);

    [Test]
    public void Minus_zero_keeps_its_sign()
    {
        Assert.That(FloatText.TryParseDouble("-0"u8, out var value), Is.True);
        Assert.That(double.IsNegative(value), Is.True);
    }

    [FsCheck.NUnit.Property]
    public bool Every_long_round_trips(long value) => IntegerText.TryParseLong(Utf8(Invariant(value)), out var parsed) && parsed == value;

    [FsCheck.NUnit.Property]
    public bool Every_double_keeps_its_bits(double value)
    {
        var text = double.IsPositiveInfinity(value) ? "Infinity" : double.IsNegativeInfinity(value) ? "-Infinity" : Invariant(value);
        return FloatText.TryParseDouble(Utf8(text), out var parsed)
            && (double.IsNaN(value) ? double.IsNaN(parsed) : BitConverter.DoubleToInt64Bits(parsed) == BitConverter.DoubleToInt64Bits(value));
    }

    [FsCheck.NUnit.Property]
    public bool Every_float_keeps_its_bits(float value)
    {
        var text = float.IsPositiveInfinity(value) ? "Infinity" : float.IsNegativeInfinity(value) ? "-Infinity" : Invariant(value);
        return FloatText.TryParseFloat(Utf8(text), out var parsed)
            && (float.IsNaN(value) ? float.IsNaN(parsed) : BitConverter.SingleToInt32Bits(parsed) == BitConverter.SingleToInt32Bits(value));
    }

    [FsCheck.NUnit.Property]
    public bool Every_timestamp_that_the_framework_knows_agrees(DateTime value)
    {
        var text = value.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        var expected = (value.Ticks - DateTime.UnixEpoch.Ticks) / 10 - (value.Ticks < DateTime.UnixEpoch.Ticks && value.Ticks % 10 != 0 ? 1 : 0);
        return TimestampText.TryParse(Utf8(text), out var parsed) && parsed == expected;
    }

    [FsCheck.NUnit.Property]
    public bool Decimals_agree_with_big_integers(long whole, uint fraction)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{whole}.{fraction:d10}");
        var digits = BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return DecimalText.TryParse(Utf8(text), 38, 10, out Int128 parsed) && (BigInteger)parsed == digits;
    }

    [FsCheck.NUnit.Property]
    public bool Bytes_round_trip(byte[] value)
    {
        var text = Utf8(@"\x" + Convert.ToHexStringLower(value));
        var decoded = new byte[Math.Max(ByteaText.Measure(text), 0)];
        return ByteaText.TryDecode(text, decoded) && decoded.AsSpan().SequenceEqual(value);
    }

    [FsCheck.NUnit.Property]
    public bool Nothing_that_is_no_value_throws(string noise)
    {
        var text = Utf8(noise ?? "");
        _ = DateText.TryParse(text, out _) | TimestampText.TryParse(text, out _) | TimestampText.TryParseWithZone(text, out _) | TimeText.TryParse(text, out _)
            | DecimalText.TryParse(text, 38, 5, out Int128 _) | MoneyText.TryParse(text, out _) | UuidText.TryParse(text, out _) | BooleanText.TryParse(text, out _);
        return true;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Invariant(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
