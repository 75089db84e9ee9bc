using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;

namespace Philotes.Iceberg.Manifests;

/// <summary>
/// A file of a table as its manifest describes it (Iceberg spec, Data File Fields). Maps are by field id. A map or number that is null
/// was not measured; a bound that is missing costs speed only, so what is not certain is left out.
/// </summary>
public sealed record DataFile
{
    public DataFileContent Content { get; init; }

    /// <summary>Absolute URI; must be spelled the same wherever the file is referred to.</summary>
    public required string FilePath { get; init; }

    public string FileFormat { get; init; } = "PARQUET";

    /// <summary>The partition spec that <see cref="Partition"/> is a tuple of; not stored in the entry but in its manifest's header.</summary>
    public int SpecId { get; init; }

    public PartitionValues Partition { get; init; } = PartitionValues.Empty;

    public required long RecordCount { get; init; }

    /// <summary>The object's true length: readers find the footer by it.</summary>
    public required long FileSizeInBytes { get; init; }

    public IReadOnlyDictionary<int, long>? ColumnSizes { get; init; }

    /// <summary>Values, nulls and NaNs included.</summary>
    public IReadOnlyDictionary<int, long>? ValueCounts { get; init; }

    public IReadOnlyDictionary<int, long>? NullValueCounts { get; init; }

    public IReadOnlyDictionary<int, long>? NanValueCounts { get; init; }

    /// <summary>Single-value bytes; see <see cref="Types.SingleValue"/>.</summary>
    public IReadOnlyDictionary<int, byte[]>? LowerBounds { get; init; }

    public IReadOnlyDictionary<int, byte[]>? UpperBounds { get; init; }

    public byte[]? KeyMetadata { get; init; }

    /// <summary>Where row groups start, ascending; null when unknown.</summary>
    public IReadOnlyList<long>? SplitOffsets { get; init; }

    /// <summary>The fields that equality deletes compare; null for every other content.</summary>
    public IReadOnlyList<int>? EqualityIds { get; init; }

    /// <summary>Null or 0 when rows are in no order.</summary>
    public int? SortOrderId { get; init; }

    /// <summary>The one data file that position deletes are for.</summary>
    public string? ReferencedDataFile { get; init; }

    /// <summary>Version 3 only.</summary>
    public long? FirstRowId { get; init; }

    /// <summary>Version 3 only: where a deletion vector lies in its Puffin file.</summary>
    public long? ContentOffset { get; init; }

    /// <summary>Version 3 only.</summary>
    public long? ContentSizeInBytes { get; init; }

    /// <summary>Describes a Parquet file that was stored at a URI.</summary>
    public static DataFile FromParquet(ParquetFile file, string uri, int specId, PartitionValues partition) => new()
    {
        FilePath = uri,
        SpecId = specId,
        Partition = partition,
        RecordCount = file.RecordCount,
        FileSizeInBytes = file.ByteCount,
        ColumnSizes = Collect<long>(file, metrics => metrics.ByteCount),
        ValueCounts = Collect(file, metrics => metrics.ValueCount),
        NullValueCounts = Collect(file, metrics => metrics.NullCount),
        NanValueCounts = Collect(file, metrics => metrics.NanCount),
        LowerBounds = CollectBounds(file, metrics => metrics.LowerBound),
        UpperBounds = CollectBounds(file, metrics => metrics.UpperBound),
        SplitOffsets = file.SplitOffsets.Count == 0 ? null : file.SplitOffsets,
    };

    private static SortedDictionary<int, T>? Collect<T>(ParquetFile file, Func<ColumnMetrics, T?> choose)
        where T : struct
    {
        var known = new SortedDictionary<int, T>();
        foreach (var (id, metrics) in file.Metrics)
        {
            if (choose(metrics) is { } value)
            {
                known[id] = value;
            }
        }

        return known.Count == 0 ? null : known;
    }

    private static SortedDictionary<int, byte[]>? CollectBounds(ParquetFile file, Func<ColumnMetrics, byte[]?> choose)
    {
        var known = new SortedDictionary<int, byte[]>();
        foreach (var (id, metrics) in file.Metrics)
        {
            // A bound without both counts misleads some readers.
            if (choose(metrics) is { } bound && metrics is { ValueCount: not null, NullCount: not null })
            {
                known[id] = bound;
            }
        }

        return known.Count == 0 ? null : known;
    }
}
