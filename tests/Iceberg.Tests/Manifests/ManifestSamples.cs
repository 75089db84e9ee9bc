using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Manifests;

/// <summary>A table partitioned by every transform and every type that a partition can have, and files of it.</summary>
internal static class ManifestSamples
{
    public static IcebergSchema Schema { get; } = new(7,
    [
        new NestedField(1, "id", Required: true, new LongType()),
        new NestedField(2, "name", Required: false, new StringType()),
        new NestedField(3, "created_at", Required: false, new TimestampTzType()),
        new NestedField(4, "price", Required: false, new DecimalType(9, 2)),
        new NestedField(5, "cost", Required: false, new DecimalType(9, 2)),
        new NestedField(6, "key", Required: false, new UuidType()),
        new NestedField(7, "code", Required: false, new FixedType(3)),
        new NestedField(8, "raw", Required: false, new BinaryType()),
        new NestedField(9, "ratio", Required: false, new DoubleType()),
        new NestedField(10, "flag", Required: false, new BooleanType()),
        new NestedField(11, "born", Required: false, new DateType()),
        new NestedField(12, "at", Required: false, new TimeType()),
        new NestedField(13, "order by", Required: false, new FloatType()),
        new NestedField(14, "huge", Required: false, new DecimalType(38, 0)),
    ]);

    public static PartitionSpec Spec { get; } = PartitionSpec.Parse(
        [
            "bucket(16, id)", "truncate(2, name)", "year(created_at)", "month(created_at)", "day(created_at)", "hour(created_at)", "created_at",
            "price", "cost", "key", "code", "raw", "ratio", "flag", "born", "at", "\"order by\"", "huge",
        ],
        Schema) with
    { SpecId = 4 };

    public static PartitionValues Partition { get; } = Spec.Partition(Schema, id => id switch
    {
        1 => 34L,
        2 => "iceberg",
        3 => -1L,
        4 => (Int128)(-1420),
        5 => (Int128)1420,
        6 => Guid.Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7"),
        7 => new byte[] { 1, 2, 3 },
        8 => new byte[] { 0, 0xFF },
        9 => 1.5,
        10 => true,
        11 => -1,
        12 => 81_068_000_000L,
        13 => -0.25f,
        _ => (object)(-Int128.Parse("99999999999999999999999999999999999999", System.Globalization.CultureInfo.InvariantCulture)),
    });

    public static PartitionValues Nulls { get; } = Spec.Partition(Schema, _ => null);

    public static DataFile File(string path, PartitionValues partition) => new()
    {
        FilePath = path,
        SpecId = Spec.SpecId,
        Partition = partition,
        RecordCount = 3,
        FileSizeInBytes = 1234,
        ColumnSizes = new Dictionary<int, long> { [1] = 40, [2] = 50 },
        ValueCounts = new Dictionary<int, long> { [1] = 3, [2] = 3 },
        NullValueCounts = new Dictionary<int, long> { [1] = 0, [2] = 1 },
        NanValueCounts = new Dictionary<int, long> { [9] = 0 },
        LowerBounds = new Dictionary<int, byte[]> { [1] = SingleValue.Encode(new LongType(), 1L), [2] = "a"u8.ToArray() },
        UpperBounds = new Dictionary<int, byte[]> { [1] = SingleValue.Encode(new LongType(), 3L), [2] = "z"u8.ToArray() },
        SplitOffsets = [4L, 600L],
        SortOrderId = 0,
    };

    public static DataFile Unpartitioned(string path, long records = 1) => new() { FilePath = path, RecordCount = records, FileSizeInBytes = 10 };
}
