using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Manifests;

internal sealed class PartitionSummariesTests
{
    [Test]
    public void Bounds_are_the_least_and_the_greatest_of_all_files()
    {
        var summary = Of(new IntType(), 5, -3, null, 7);
        Assert.That((summary.ContainsNull, summary.ContainsNan), Is.EqualTo((true, (bool?)null)));
        Assert.That(SingleValue.Decode(new IntType(), summary.LowerBound), Is.EqualTo(-3));
        Assert.That(SingleValue.Decode(new IntType(), summary.UpperBound), Is.EqualTo(7));
    }

    [Test]
    public void Values_without_null_always_have_bounds() => Assert.That(Of(new StringType(), "a"), Has.Property("ContainsNull").False.And.Property("LowerBound").Not.Null);

    [Test]
    public void Texts_compare_by_code_point_and_not_by_utf16()
    {
        var summary = Of(new StringType(), "\uFFEE", "\U0001F9CA");
        Assert.That(SingleValue.Decode(new StringType(), summary.LowerBound), Is.EqualTo("\uFFEE"));
    }

    [Test]
    public void Bytes_compare_unsigned() => Assert.That(Of(new BinaryType(), new byte[] { 0x7F }, new byte[] { 0x80 }).UpperBound, Is.EqualTo(new byte[] { 0x80 }));

    [Test]
    public void Nans_are_counted_and_not_bounds_and_zeros_are_outermost()
    {
        var summary = Of(new DoubleType(), double.NaN, 0.0, -0.0);
        Assert.That(summary.ContainsNan, Is.True);
        Assert.That(BitConverter.DoubleToInt64Bits((double)SingleValue.Decode(new DoubleType(), summary.LowerBound)), Is.EqualTo(long.MinValue));
        Assert.That(BitConverter.DoubleToInt64Bits((double)SingleValue.Decode(new DoubleType(), summary.UpperBound)), Is.Zero);
    }

    [Test]
    public void Different_uuids_have_no_summary_because_readers_order_them_differently()
    {
        var type = new StructType([new NestedField(1000, "key", Required: false, new UuidType())]);
        Assert.That(PartitionSummaries.Of(type, [new PartitionValues(Guid.NewGuid()), new PartitionValues(Guid.NewGuid())]), Is.Null);
        Assert.That(PartitionSummaries.Of(type, [new PartitionValues(Guid.Empty), new PartitionValues(Guid.Empty)]), Is.Not.Null);
    }

    [Test]
    public void An_unpartitioned_manifest_has_no_summaries() => Assert.That(PartitionSummaries.Of(new StructType([]), [PartitionValues.Empty]), Is.Null);

    private static FieldSummary Of(IcebergType type, params object?[] values) => PartitionSummaries.Of(
        new StructType([new NestedField(1000, "p", Required: false, type)]), values.Select(value => new PartitionValues([value])).ToList())!.Single();
}
