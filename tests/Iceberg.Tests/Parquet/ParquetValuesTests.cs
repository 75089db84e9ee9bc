using Philotes.DuckDb;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Types;
using static Philotes.Iceberg.Tests.Parquet.ParquetFiles;

namespace Philotes.Iceberg.Tests.Parquet;

/// <summary>Each type's values, extremes and nulls, as a foreign reader finds them in the file.</summary>
public sealed class ParquetValuesTests
{
    private ParquetFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new ParquetFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void Booleans() => Check(new BooleanType(), ["true", "false", "null"], Value(true), Value(false), null);

    [Test]
    public void Integers() =>
        Check(new IntType(), ["-2147483648", "2147483647", "0", "null"], Value(int.MinValue), Value(int.MaxValue), Value(0), null);

    [Test]
    public void Longs() =>
        Check(new LongType(), ["-9223372036854775808", "9223372036854775807", "null"], Value(long.MinValue), Value(long.MaxValue), null);

    [Test]
    public void Floats() => Check(
        new FloatType(), ["NaN", "-Infinity", "Infinity", "-0", "0", "1.401298464324817e-45", "null"],
        Value(float.NaN), Value(float.NegativeInfinity), Value(float.PositiveInfinity), Value(-0f), Value(0f), Value(float.Epsilon), null);

    [Test]
    public void Doubles() => Check(
        new DoubleType(), ["NaN", "-0", "5e-324", "1.7976931348623157e+308", "null"],
        Value(double.NaN), Value(-0d), Value(double.Epsilon), Value(double.MaxValue), null);

    [TestCase(4, "9999")]
    [TestCase(9, "999999999")]
    [TestCase(18, "999999999999999999")]
    public void Decimals_of_integer_width(int precision, string nines)
    {
        var value = long.Parse(nines);
        Check(new DecimalType(precision, 2), [nines, "-" + nines, "0", "null"], Decimal(precision, value), Decimal(precision, -value), Decimal(precision, 0), null);
    }

    [TestCase(19, 0)]
    [TestCase(38, 0)]
    [TestCase(38, 38)]
    public void Decimals_of_sixteen_bytes(int precision, int scale)
    {
        var value = Int128.Parse(new string('9', precision));
        Check(new DecimalType(precision, scale), [$"{(UInt128)value:x32}", $"{(UInt128)(-value):x32}", "null"], Value(value), Value(-value), null);
    }

    [Test]
    public void Dates_from_the_first_year_to_the_last() =>
        Check(new DateType(), ["-719162", "-1", "2932896", "null"], Value(-719162), Value(-1), Value(2932896), null);

    [Test]
    public void Times() => Check(new TimeType(), ["0", "86399999999", "null"], Value(0L), Value(86_399_999_999L), null);

    [Test]
    public void Timestamps() => Check(
        new TimestampType(), ["-62135596800000000", "253402300799999999", "-1", "null"],
        Value(-62_135_596_800_000_000L), Value(253_402_300_799_999_999L), Value(-1L), null);

    [Test]
    public void Timestamps_with_time_zone() => Check(new TimestampTzType(), ["-1", "1700000000123456", "null"], Value(-1L), Value(1_700_000_000_123_456L), null);

    [Test]
    public void Texts() => Check(
        new StringType(), ["", "a text longer than twelve bytes", "🦆 \u0000 \uFFFF", "null"],
        Text(""), Text("a text longer than twelve bytes"), Text("🦆 \u0000 \uFFFF"), null);

    [Test]
    public void Uuids_in_the_order_of_their_bytes() => Check(
        new UuidType(), ["00000000000000000000000000000000", "ff112233445566778899aabbccddeeff", "7f112233445566778899aabbccddee00", "null"],
        Value(UuidValue.FromGuid(Guid.Empty)), Value(UuidValue.FromGuid(Guid.Parse("ff112233-4455-6677-8899-aabbccddeeff"))),
        Value(UuidValue.FromGuid(Guid.Parse("7f112233-4455-6677-8899-aabbccddee00"))), null);

    [Test]
    public void Binaries() => Check(new BinaryType(), ["", "00ff80", "null"], Bytes(), Bytes(0, 255, 128), null);

    [Test]
    public void A_text_that_is_not_utf8_is_refused() =>
        Assert.That(() => _files.WriteColumn(new StringType(), Bytes(0xC3, 0x28)), Throws.TypeOf<DuckDbException>().With.Message.Contains("UTF-8"));

    [Test]
    public void A_list_keeps_null_empty_and_null_elements() => Check(
        new ListType(2, new StringType(), ElementRequired: false), ["""["a",null]""", "[]", "null"],
        (vector, row) =>
        {
            var at = vector.AddList(row, 2);
            vector.Child.SetText(at, "a"u8);
            vector.Child.SetNull(at + 1);
        },
        (vector, row) => vector.AddList(row, 0),
        null);

    [Test]
    public void A_struct_keeps_null_apart_from_null_fields() => Check(
        new StructType([new NestedField(2, "x", false, new IntType()), new NestedField(3, "y", false, new StringType())]),
        ["""{"x":7,"y":"t"}""", """{"x":null,"y":null}""", "null"],
        (vector, row) =>
        {
            vector.Fields[0].Values<int>()[row] = 7;
            vector.Fields[1].SetText(row, "t"u8);
        },
        (vector, row) =>
        {
            vector.Fields[0].SetNull(row);
            vector.Fields[1].SetNull(row);
        },
        null);

    [Test]
    public void A_map_keeps_its_entries() => Check(
        new MapType(2, new StringType(), 3, new LongType(), ValueRequired: false), ["""{"k":"9","l":null}""", "{}", "null"],
        (vector, row) =>
        {
            var at = vector.AddList(row, 2);
            vector.Child.Fields[0].SetText(at, "k"u8);
            vector.Child.Fields[1].Values<long>()[at] = 9;
            vector.Child.Fields[0].SetText(at + 1, "l"u8);
            vector.Child.Fields[1].SetNull(at + 1);
        },
        (vector, row) => vector.AddList(row, 0),
        null);

    private void Check(IcebergType type, string[] expected, params Action<Vector, int>?[] rows)
    {
        var file = _files.WriteColumn(type, rows);
        Assert.That(ForeignReader.Rows(file.Path).Select(row => row[0]), Is.EqualTo(expected));
    }

    private static Action<Vector, int> Decimal(int precision, long unscaled) => precision switch
    {
        <= 4 => Value((short)unscaled),
        <= 9 => Value((int)unscaled),
        _ => Value(unscaled),
    };
}
