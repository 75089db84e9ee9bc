using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Partitioning;

internal sealed class TransformTests
{
    private const long Micros20171116T223108 = 1_510_871_468_000_000;

    private static IEnumerable<TestCaseData> Hashes()
    {
        yield return new TestCaseData("int", 34, 2017239379, 3);
        yield return new TestCaseData("long", 34L, 2017239379, 3);
        yield return new TestCaseData("string", "34", -427558391, null);
        yield return new TestCaseData("long", -1L, 1651860712, 8);
        yield return new TestCaseData("date", -1, 1651860712, 8);
        yield return new TestCaseData("timestamp", -1L, 1651860712, 8);
        yield return new TestCaseData("date", 17486, -653330422, 10);
        yield return new TestCaseData("time", 81_068_000_000L, -662762989, null);
        yield return new TestCaseData("timestamp", Micros20171116T223108, -2047944441, 7);
        yield return new TestCaseData("timestamptz", Micros20171116T223108 + 1, -1207196810, 6);
        yield return new TestCaseData("uuid", Guid.Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7"), 1488055340, null);
        yield return new TestCaseData("binary", new byte[] { 0, 1, 2, 3 }, -188683207, null);
        yield return new TestCaseData("fixed[4]", new byte[] { 0, 1, 2, 3 }, -188683207, null);
        yield return new TestCaseData("decimal(9, 2)", (Int128)1420, -500754589, null);
        yield return new TestCaseData("decimal(9, 2)", (Int128)(-1420), 667775751, null);
        yield return new TestCaseData("decimal(9, 2)", (Int128)128, 1544076949, null);
        yield return new TestCaseData("decimal(9, 2)", (Int128)(-128), 267099677, null);
        yield return new TestCaseData("decimal(9, 2)", (Int128)0, 1364076727, null);
        yield return new TestCaseData("string", "iceberg", 1210000089, 9);
        yield return new TestCaseData("string", "", 0, 0);
        yield return new TestCaseData("string", "h\u00E9llo\U0001F9CA", 1613534745, 9);
    }

    [TestCaseSource(nameof(Hashes))]
    public void Values_hash_as_the_specification_says(string type, object value, int hash, int? bucket)
    {
        var source = IcebergType.Parse(type);
        Assert.That(TransformValues.Hash(source, value), Is.EqualTo(hash));
        if (bucket is not null)
        {
            Assert.That(new Transform.Bucket(16).Apply(source, value), Is.EqualTo(bucket));
        }
    }

    [Test]
    public void A_date_is_not_hashed_as_four_bytes() =>
        Assert.That(new[] { Murmur3.Hash([0x4E, 0x44, 0, 0]), TransformValues.Hash(new DateType(), 17486) }, Is.EqualTo(new[] { 1087118125, -653330422 }));

    [TestCase(1, 0)]
    [TestCase(-1, -10)]
    [TestCase(-10, -10)]
    [TestCase(-11, -20)]
    public void Truncation_of_numbers_rounds_down(int value, int truncated)
    {
        var transform = new Transform.Truncate(10);
        Assert.That(transform.Apply(new IntType(), value), Is.EqualTo(truncated));
        Assert.That(transform.Apply(new LongType(), (long)value), Is.EqualTo((long)truncated));
        Assert.That(transform.Apply(new DecimalType(9, 2), (Int128)value), Is.EqualTo((Int128)truncated));
    }

    [Test]
    public void Truncation_of_decimals_and_texts_follows_the_specification()
    {
        Assert.That(new Transform.Truncate(50).Apply(new DecimalType(9, 2), (Int128)1065), Is.EqualTo((Int128)1050));
        Assert.That(new Transform.Truncate(3).Apply(new StringType(), "iceberg"), Is.EqualTo("ice"));
        Assert.That(new Transform.Truncate(2).Apply(new StringType(), "\U0001F9CA\U0001F9CAx"), Is.EqualTo("\U0001F9CA\U0001F9CA"));
        Assert.That(new Transform.Truncate(2).Apply(new BinaryType(), new byte[] { 1, 2, 3 }), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Test]
    public void Truncation_below_the_least_number_is_refused() =>
        Assert.That(() => new Transform.Truncate(10).Apply(new LongType(), long.MinValue), Throws.TypeOf<OverflowException>());

    [TestCase(-1L, -1, -1, -1, -1)]
    [TestCase(0L, 0, 0, 0, 0)]
    [TestCase(Micros20171116T223108, 47, 574, 17486, 419686)]
    public void Time_is_counted_from_1970_and_rounds_down(long micros, int year, int month, int day, int hour)
    {
        var source = new TimestampType();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new Transform.Year().Apply(source, micros), Is.EqualTo(year));
            Assert.That(new Transform.Month().Apply(source, micros), Is.EqualTo(month));
            Assert.That(new Transform.Day().Apply(source, micros), Is.EqualTo(day));
            Assert.That(new Transform.Hour().Apply(source, micros), Is.EqualTo(hour));
        }
    }

    [Test]
    public void Dates_agree_with_the_calendar_over_all_of_its_days()
    {
        var epoch = new DateOnly(1970, 1, 1).DayNumber;
        for (var date = DateOnly.MinValue; date < DateOnly.MaxValue.AddDays(-17); date = date.AddDays(17))
        {
            var (year, month, day) = TransformValues.CivilFromDays(date.DayNumber - epoch);
            if ((year, month, day) != (date.Year, date.Month, date.Day))
            {
                Assert.Fail($"{date} became {year}-{month}-{day}.");
            }
        }
    }

    [FsCheck.NUnit.Property]
    public bool Buckets_are_within_their_count(long value, byte count) =>
        new Transform.Bucket(count + 1).Apply(new LongType(), value) is int bucket && bucket >= 0 && bucket <= count;

    [FsCheck.NUnit.Property]
    public bool Truncation_is_a_multiple_of_the_width_and_not_above_the_value(int value, byte width) =>
        new Transform.Truncate(width + 1).Apply(new LongType(), (long)value) is long truncated && truncated % (width + 1) == 0 && truncated <= value && value - truncated <= width;

    [TestCase("identity")]
    [TestCase("bucket[16]")]
    [TestCase("truncate[10]")]
    [TestCase("year")]
    [TestCase("month")]
    [TestCase("day")]
    [TestCase("hour")]
    [TestCase("void")]
    public void Null_stays_null_and_texts_round_trip(string text)
    {
        Assert.That(Transform.Parse(text).ToString(), Is.EqualTo(text));
        Assert.That(Transform.Parse(text).Apply(new TimestampType(), null), Is.Null);
    }

    [TestCase("bucket[0]")]
    [TestCase("bucket[-1]")]
    [TestCase("bucket")]
    [TestCase("zorder")]
    public void Unknown_transforms_are_refused(string text) => Assert.That(() => Transform.Parse(text), Throws.TypeOf<IcebergFormatException>());
}
