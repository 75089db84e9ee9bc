using System.Globalization;
using System.Numerics;
using System.Text;
using Philotes.BatchWriter.Columns;
using Philotes.BatchWriter.Columns.Text;

namespace Philotes.BatchWriter.Tests.Columns;

/// <summary>Random values over whole ranges, spelt as the server spells them by other means than ours, and read back.</summary>
public sealed class RandomTextTests
{
    private const int Count = 200_000;

    // G9 and G17 below: .NET's own shortest text ("R") is one digit short for some powers of two; with all digits there is no doubt about the expectation.

    private readonly Random _random = new(20261121);

    [Test]
    public void Every_kind_of_float_bit_pattern_reads_back()
    {
        for (var i = 0; i < Count; i++)
        {
            // Each exponent, the denormal and the special one among them, with random and with extreme fractions.
            var bits = (uint)(i % 512) << 23 | (i % 7) switch { 0 => 0u, 1 => 0x7FFFFFu, _ => (uint)_random.Next(1 << 23) };
            var value = BitConverter.UInt32BitsToSingle(bits);
            var text = float.IsNaN(value) ? "NaN" : float.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity" : value.ToString("G9", CultureInfo.InvariantCulture);
            Assert.That(FloatText.TryParseFloat(Utf8(text), out var parsed) && (float.IsNaN(value) ? float.IsNaN(parsed) : BitConverter.SingleToUInt32Bits(parsed) == bits), Is.True, text);
        }
    }

    [Test]
    public void Every_kind_of_double_bit_pattern_reads_back()
    {
        for (var i = 0; i < Count; i++)
        {
            var bits = (ulong)(i % 4096) << 52 | (i % 7) switch { 0 => 0ul, 1 => 0xFFFFFFFFFFFFFul, _ => (ulong)_random.NextInt64(1L << 52) };
            var value = BitConverter.UInt64BitsToDouble(bits);
            var text = double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity" : value.ToString("G17", CultureInfo.InvariantCulture);
            Assert.That(FloatText.TryParseDouble(Utf8(text), out var parsed) && (double.IsNaN(value) ? double.IsNaN(parsed) : BitConverter.DoubleToUInt64Bits(parsed) == bits), Is.True, text);
        }
    }

    [Test]
    public void Random_numerics_of_up_to_a_thousand_digits_fit_a_decimal_exactly_or_not_at_all()
    {
        for (var i = 0; i < 20_000; i++)
        {
            var (precision, scale) = (_random.Next(1, 39), 0);
            scale = _random.Next(0, precision + 1);
            var digits = Digits(_random.Next(1, i % 50 == 0 ? 1000 : 45));
            var decimals = _random.Next(0, Math.Min(digits.Length, scale + 3));
            var text = (i % 2 == 0 ? "-" : "") + (digits.Length == decimals ? "0" : digits[..^decimals].TrimStart('0').PadLeft(1, '0')) + (decimals == 0 ? "" : "." + digits[^decimals..]);
            var exact = BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * BigInteger.Pow(10, Math.Max(0, scale - decimals));
            var isWhole = decimals <= scale || BigInteger.Remainder(exact, BigInteger.Pow(10, decimals - scale)).IsZero;
            exact /= BigInteger.Pow(10, Math.Max(0, decimals - scale));
            var fits = isWhole && BigInteger.Abs(exact) < BigInteger.Pow(10, precision);
            Assert.That(DecimalText.TryParse(Utf8(text), precision, scale, out Int128 parsed), Is.EqualTo(fits), $"{text} in decimal({precision},{scale})");
            if (fits)
                Assert.That((BigInteger)parsed, Is.EqualTo(exact), text);
        }
    }

    [Test]
    public void Random_timestamps_read_back_to_the_microsecond()
    {
        for (var i = 0; i < Count; i++)
        {
            var ticks = _random.NextInt64(DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks) / 10 * 10;
            var at = new DateTime(ticks, DateTimeKind.Utc);
            var text = at.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture).TrimEnd('0').TrimEnd('.');
            var expected = (ticks - DateTime.UnixEpoch.Ticks) / 10;
            var offset = _random.Next(-15, 16);
            var local = at.Year is > 1 and < 9999 ? at.AddHours(offset) : at;
            var zoned = local.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + (at.Year is > 1 and < 9999 ? $"{(offset < 0 ? '-' : '+')}{Math.Abs(offset):00}" : "+00");
            Assert.That(TimestampText.TryParse(Utf8(text), out var parsed) && parsed == expected, Is.True, text);
            Assert.That(TimestampText.TryParseWithZone(Utf8(zoned), out var instant) && instant == expected, Is.True, zoned);
        }
    }

    [Test]
    public void Random_text_comes_out_of_the_quotes_of_arrays_and_composites_as_it_went_in()
    {
        const string symbols = "a\"\\,{}() é🐘\n'NULL=>";
        var quoted = new QuotedText();
        for (var i = 0; i < Count; i++)
        {
            var text = string.Concat(Enumerable.Range(0, _random.Next(20)).Select(_ => symbols[_random.Next(symbols.Length)]).Where(c => !char.IsSurrogate(c)));
            var inArray = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            var inRow = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\"\"", StringComparison.Ordinal);
            foreach (var (spelt, doubled) in new[] { (inArray, false), (inRow, true) })
            {
                ReadOnlySpan<byte> rest = Utf8($"\"{spelt}\",next");
                Assert.That(quoted.TryRead(ref rest, doubled, out var value), Is.True, spelt);
                Assert.That(Encoding.UTF8.GetString(value), Is.EqualTo(text));
                Assert.That(Encoding.UTF8.GetString(rest), Is.EqualTo(",next"));
            }
        }
    }

    private string Digits(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => (char)('0' + _random.Next(10))));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
