namespace Philotes.Iceberg.Parquet;

/// <summary>A finished data or delete file on local disk, with what its manifest entry needs.</summary>
/// <param name="Metrics">By field id, one for each leaf column.</param>
/// <param name="SplitOffsets">Where the row groups start, ascending.</param>
public sealed record ParquetFile(
    string Path,
    long ByteCount,
    long RecordCount,
    IReadOnlyDictionary<int, ColumnMetrics> Metrics,
    IReadOnlyList<long> SplitOffsets);
