using System.Buffers.Binary;
using System.Diagnostics;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Parquet;

/// <summary>
/// The metrics of a file's columns, from its footer. A bound is given only when every row group that holds a value gives one, and
/// with counts of values and nulls: a reader trusts a wrong or half-told bound and loses rows. None for uuid, whose order readers
/// disagree on, and none where a float column holds a NaN.
/// </summary>
internal static class FooterMetrics
{
    public static Dictionary<int, ColumnMetrics> Of(ParquetFooter footer, IcebergSchema schema, IReadOnlyDictionary<int, long> nanCounts)
    {
        var types = schema.AllFields().ToDictionary(field => field.Id, field => field.Type);
        return footer.Leaves.ToDictionary(leaf => leaf.FieldId, leaf => OfColumn(footer, leaf, types[leaf.FieldId], nanCounts));
    }

    private static ColumnMetrics OfColumn(ParquetFooter footer, ParquetLeaf leaf, IcebergType type, IReadOnlyDictionary<int, long> nanCounts)
    {
        var chunks = footer.ChunksOf(leaf).ToList();
        var byteCount = chunks.Sum(chunk => chunk.Long(ParquetIds.ColumnCompressedByteCount) ?? 0);
        if (leaf.IsRepeated)
            return new ColumnMetrics(byteCount, ValueCount: null, NullCount: null, NanCount: null, LowerBound: null, UpperBound: null);
        var valueCount = chunks.Sum(ValueCount);
        var nullCount = chunks.Aggregate((long?)0, (sum, chunk) => sum + NullCount(chunk));
        long? nanCount = type is FloatType or DoubleType && nanCounts.TryGetValue(leaf.FieldId, out var count) ? count : null;
        var (lower, upper) = nullCount is null ? (null, null) : BoundsOf(chunks, type, nanCount);
        return new ColumnMetrics(byteCount, valueCount, nullCount, nanCount, lower, upper);
    }

    private static (byte[]? Lower, byte[]? Upper) BoundsOf(List<ThriftValue.Struct> chunks, IcebergType type, long? nanCount)
    {
        if (type is UuidType or FixedType || (type is FloatType or DoubleType && nanCount is not 0))
            return (null, null);
        byte[]? lower = null, upper = null;
        foreach (var chunk in chunks.Where(chunk => NullCount(chunk) != ValueCount(chunk)))
        {
            var statistics = chunk.Inner(ParquetIds.ColumnStatistics);
            if (statistics?.Bytes(ParquetIds.StatisticsMin) is not { } minimum || statistics.Bytes(ParquetIds.StatisticsMax) is not { } maximum)
                return (null, null);
            lower = Extreme(type, lower, ToSingleValue(type, minimum), sign: -1);
            upper = Extreme(type, upper, ToSingleValue(type, maximum), sign: +1);
        }
        return lower is null || upper is null ? (null, null) : (Lower(type, lower), Upper(type, upper));
    }

    private static byte[] Extreme(IcebergType type, byte[]? best, byte[] next, int sign) =>
        best is null || Compare(type, next, best) * sign > 0 ? next : best;

    private static int Compare(IcebergType type, byte[] left, byte[] right) => type is StringType or BinaryType
        ? left.AsSpan().SequenceCompareTo(right)
        : Comparer<object>.Default.Compare(SingleValue.Decode(type, left), SingleValue.Decode(type, right));

    /// <summary>Parquet's plain encoding is Iceberg's, but for decimals: those are little-endian integers up to 18 digits.</summary>
    private static byte[] ToSingleValue(IcebergType type, byte[] statistic) => (type, statistic.Length) switch
    {
        (DecimalType { Precision: <= 9 }, 4) => SingleValue.EncodeDecimal(BinaryPrimitives.ReadInt32LittleEndian(statistic)),
        (DecimalType { Precision: > 9 and <= 18 }, 8) => SingleValue.EncodeDecimal(BinaryPrimitives.ReadInt64LittleEndian(statistic)),
        (DecimalType { Precision: > 18 }, 16) => SingleValue.EncodeDecimal(SingleValue.DecodeDecimal(statistic)),
        (DecimalType, _) => throw new IcebergFormatException($"A Parquet statistic of {statistic.Length} bytes does not fit {type}."),
        _ => statistic,
    };

    /// <summary>The two zeros are equal as numbers and not as bits: the lower bound takes the negative one, the upper the positive.</summary>
    private static byte[]? Lower(IcebergType type, byte[] value) => type switch
    {
        StringType => BoundTruncation.LowerString(value).ToArray(),
        BinaryType => BoundTruncation.LowerBinary(value).ToArray(),
        FloatType when SingleValue.Decode(type, value) is 0f => SingleValue.Encode(type, -0f),
        DoubleType when SingleValue.Decode(type, value) is 0d => SingleValue.Encode(type, -0d),
        _ => value,
    };

    private static byte[]? Upper(IcebergType type, byte[] value) => type switch
    {
        StringType => BoundTruncation.UpperString(value),
        BinaryType => BoundTruncation.UpperBinary(value),
        FloatType when SingleValue.Decode(type, value) is 0f => SingleValue.Encode(type, 0f),
        DoubleType when SingleValue.Decode(type, value) is 0d => SingleValue.Encode(type, 0d),
        _ => value,
    };

    private static long ValueCount(ThriftValue.Struct chunk) =>
        chunk.Long(ParquetIds.ColumnValueCount) ?? throw new UnreachableException("num_values is required");

    private static long? NullCount(ThriftValue.Struct chunk) => chunk.Inner(ParquetIds.ColumnStatistics)?.Long(ParquetIds.StatisticsNullCount);
}
