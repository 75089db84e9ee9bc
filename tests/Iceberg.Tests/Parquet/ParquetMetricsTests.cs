using System.Text;
using Philotes.DuckDb;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Types;
using static Philotes.Iceberg.Tests.Parquet.ParquetFiles;

namespace Philotes.Iceberg.Tests.Parquet;

/// <summary>Counts and bounds of the manifest. Expected bytes are the specification's, written out.</summary>
public sealed class ParquetMetricsTests
{
    private ParquetFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new ParquetFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void Boolean_bounds_are_one_byte() => Check(new BooleanType(), "00", "01", Value(false), null, Value(true));

    [Test]
    public void Integer_bounds_are_little_endian() => Check(new IntType(), "FEFFFFFF", "00010000", Value(-2), Value(256), null);

    [Test]
    public void Long_bounds_are_little_endian() =>
        Check(new LongType(), "0000000000000080", "FFFFFFFFFFFFFF7F", Value(long.MinValue), Value(long.MaxValue));

    [Test]
    public void Date_and_time_bounds_are_little_endian()
    {
        Check(new DateType(), "FFFFFFFF", "01000000", Value(-1), Value(1));
        Check(new TimeType(), "0000000000000000", "FF5FD71D14000000", Value(0L), Value(86_399_999_999L));
        Check(new TimestampTzType(), "FFFFFFFFFFFFFFFF", "0100000000000000", Value(-1L), Value(1L));
    }

    [Test]
    public void Decimal_bounds_are_big_endian_and_minimal()
    {
        Check(new DecimalType(4, 0), "80", "0080", Value((short)-128), Value((short)128));
        Check(new DecimalType(9, 2), "FA74", "058C", Value(-1420), Value(1420));
        Check(new DecimalType(18, 2), "FA74", "058C", Value(-1420L), Value(1420L));
        Check(new DecimalType(38, 2), "FA74", "058C", Value((Int128)(-1420)), Value((Int128)1420));
        var nines = Int128.Parse(new string('9', 38));
        Check(new DecimalType(38, 0), $"{(UInt128)(-nines):X32}", $"{(UInt128)nines:X32}", Value(nines), Value(-nines));
    }

    [Test]
    public void Zero_bounds_take_the_sign_that_holds_both_zeros()
    {
        Check(new DoubleType(), "0000000000000080", "0000000000000000", Value(0d));
        Check(new DoubleType(), "0000000000000080", "0000000000000000", Value(-0d));
        Check(new FloatType(), "00000080", "00000000", Value(0f), Value(-0f));
    }

    [Test]
    public void A_column_with_a_nan_has_its_count_and_no_bounds()
    {
        var metrics = Check(new DoubleType(), null, null, Value(1d), Value(double.NaN), null, Value(double.NaN));
        Assert.That(metrics, Is.EqualTo(metrics with { ValueCount = 4, NullCount = 1, NanCount = 2 }));
        Assert.That(Check(new FloatType(), "0000803F", "0000803F", Value(1f)).NanCount, Is.Zero);
    }

    [Test]
    public void String_bounds_are_cut_to_sixteen_code_points_and_rounded_up()
    {
        Check(new StringType(), Hex(""), Hex("é"), Text("é"), Text(""), null);
        Check(new StringType(), Hex("abcdefghijklmnop"), Hex("abcdefghijklmnoq"), Text("abcdefghijklmnopqrst"));
        var highest = string.Concat(Enumerable.Repeat("\U0010FFFF", 17));
        var metrics = _files.WriteColumn(new StringType(), Text(highest)).Metrics[1];
        Assert.That(metrics.UpperBound, Is.Null);
    }

    [Test]
    public void String_bounds_order_by_code_point_not_by_utf16() => Check(new StringType(), Hex("\uFF5E"), Hex("🦆"), Text("🦆"), Text("\uFF5E"));

    [Test]
    public void A_very_long_text_has_true_bounds_or_none()
    {
        var metrics = _files.WriteColumn(new StringType(), Text(new string('b', 100_000)), Text("c")).Metrics[1];
        Assert.That(metrics.LowerBound, Is.Null.Or.EqualTo(Encoding.UTF8.GetBytes(new string('b', 16))));
        Assert.That(metrics.UpperBound, Is.Null.Or.EqualTo("c"u8.ToArray()));
    }

    [Test]
    public void Binary_bounds_are_cut_to_sixteen_bytes()
    {
        var longer = Enumerable.Repeat((byte)0xFF, 20).ToArray();
        Check(new BinaryType(), "00", "01", Bytes(1), Bytes(0));
        Assert.That(_files.WriteColumn(new BinaryType(), Bytes(longer)).Metrics[1].UpperBound, Is.Null);
    }

    [Test]
    public void A_uuid_has_counts_and_no_bounds_anywhere()
    {
        var file = _files.WriteColumn(new UuidType(), Value(UuidValue.FromGuid(Guid.NewGuid())), null);
        Assert.That(file.Metrics[1], Is.EqualTo(file.Metrics[1] with { ValueCount = 2, NullCount = 1, LowerBound = null, UpperBound = null }));
        Assert.That(Column(file, 0).TryGetProperty("statistics", out _), Is.False);
    }

    [Test]
    public void Integers_carry_no_converted_type()
    {
        foreach (var type in new IcebergType[] { new IntType(), new LongType() })
        {
            var file = _files.WriteColumn(type, type is IntType ? Value(1) : Value(1L));
            Assert.That(ForeignReader.Read(file.Path).GetProperty("metadata").GetProperty("schema")[1].TryGetProperty("converted_type", out _), Is.False);
            Assert.That(Column(file, 0).TryGetProperty("statistics", out _), Is.True);
        }
    }

    [Test]
    public void A_column_of_nulls_has_counts_and_no_bounds()
    {
        foreach (var type in new IcebergType[] { new IntType(), new StringType(), new UuidType(), new DoubleType(), new DecimalType(20, 1) })
        {
            var metrics = _files.WriteColumn(type, null, null).Metrics[1];
            Assert.That(metrics, Is.EqualTo(metrics with { ValueCount = 2, NullCount = 2, LowerBound = null, UpperBound = null }), type.ToString());
        }
    }

    [Test]
    public void A_struct_field_counts_the_nulls_of_its_struct_and_list_elements_count_nothing()
    {
        var schema = new IcebergSchema(0, [
            new NestedField(1, "s", false, new StructType([new NestedField(2, "x", false, new IntType())])),
            new NestedField(3, "l", false, new ListType(4, new LongType(), false))]);
        var file = _files.Write(schema, 2, chunk =>
        {
            chunk[0].Fields[0].Values<int>()[0] = 5;
            chunk[0].SetNull(1);
            chunk[1].Child.Values<long>()[chunk[1].AddList(0, 1)] = 6;
            chunk[1].SetNull(1);
        });
        Assert.That(file.Metrics.Keys, Is.EquivalentTo(new[] { 2, 4 }));
        Assert.That(file.Metrics[2] with { ByteCount = 0, LowerBound = null, UpperBound = null }, Is.EqualTo(new ColumnMetrics(0, 2, 1, null, null, null)));
        Assert.That(file.Metrics[2].LowerBound, Is.EqualTo(new byte[] { 5, 0, 0, 0 }));
        Assert.That(file.Metrics[4] with { ByteCount = 0 }, Is.EqualTo(new ColumnMetrics(0, null, null, null, null, null)));
    }

    private ColumnMetrics Check(IcebergType type, string? lower, string? upper, params Action<Vector, int>?[] rows)
    {
        var file = _files.WriteColumn(type, rows);
        var metrics = file.Metrics[1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(metrics.LowerBound is null ? null : Convert.ToHexString(metrics.LowerBound), Is.EqualTo(lower), $"{type} lower");
            Assert.That(metrics.UpperBound is null ? null : Convert.ToHexString(metrics.UpperBound), Is.EqualTo(upper), $"{type} upper");
            Assert.That(metrics.ValueCount, Is.EqualTo(rows.Length));
            Assert.That(metrics.NullCount, Is.EqualTo(rows.Count(row => row is null)));
            Assert.That(metrics.ByteCount, Is.Positive);
            Assert.That(file.ByteCount, Is.EqualTo(new FileInfo(file.Path).Length));
        }
        return metrics;
    }

    private static System.Text.Json.JsonElement Column(ParquetFile file, int column) => ForeignReader.Read(file.Path)
        .GetProperty("metadata").GetProperty("row_groups")[0].GetProperty("columns")[column].GetProperty("meta_data");

    private static string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));
}
