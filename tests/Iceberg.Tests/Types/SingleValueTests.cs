using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Types;

internal sealed class SingleValueTests
{
    [TestCase("boolean", true, "01")]
    [TestCase("boolean", false, "00")]
    [TestCase("int", -2, "FEFFFFFF")]
    [TestCase("date", 17486, "4E440000")]
    [TestCase("long", 34L, "2200000000000000")]
    [TestCase("timestamptz", -1L, "FFFFFFFFFFFFFFFF")]
    [TestCase("float", -4.5f, "000090C0")]
    [TestCase("double", 6.0d, "0000000000001840")]
    [TestCase("string", "ABC", "414243")]
    public void Values_encode_as_the_specification_lays_them_out(string type, object value, string hex)
    {
        var bytes = SingleValue.Encode(IcebergType.Parse(type), value);
        Assert.That(Convert.ToHexString(bytes), Is.EqualTo(hex));
        Assert.That(SingleValue.Decode(IcebergType.Parse(type), bytes), Is.EqualTo(value));
    }

    [TestCase(128, "0080")]
    [TestCase(-128, "80")]
    [TestCase(1420, "058C")]
    [TestCase(-1420, "FA74")]
    [TestCase(0, "00")]
    [TestCase(-1, "FF")]
    public void Decimals_take_as_few_big_endian_bytes_as_hold_them(int unscaled, string hex) =>
        Assert.That(Convert.ToHexString(SingleValue.EncodeDecimal(unscaled)), Is.EqualTo(hex));

    [Test]
    public void A_uuid_is_big_endian() => Assert.That(
        Convert.ToHexString(SingleValue.Encode(new UuidType(), Guid.Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7"))),
        Is.EqualTo("F79C3E09677C4BBDA4793F349CB785E7"));

    [FsCheck.NUnit.Property]
    public bool Decimals_round_trip(long high, ulong low)
    {
        var value = ((Int128)high << 64) | low;
        return SingleValue.DecodeDecimal(SingleValue.EncodeDecimal(value)) == value;
    }

    [Test]
    public void An_int_bound_still_reads_after_the_column_became_long() =>
        Assert.That(SingleValue.Decode(new LongType(), [0x22, 0, 0, 0]), Is.EqualTo(34L));

    [TestCase(1, 1)]
    [TestCase(2, 1)]
    [TestCase(3, 2)]
    [TestCase(9, 4)]
    [TestCase(18, 8)]
    [TestCase(19, 9)]
    [TestCase(21, 9)]
    [TestCase(22, 10)]
    [TestCase(26, 11)]
    [TestCase(28, 12)]
    [TestCase(31, 13)]
    [TestCase(33, 14)]
    [TestCase(35, 15)]
    [TestCase(38, 16)]
    public void A_decimal_s_fixed_has_the_least_length(int precision, int length) => Assert.That(new DecimalType(precision, 0).FixedLength, Is.EqualTo(length));
}
