namespace Philotes.Iceberg.Parquet;

/// <summary>What a manifest says about one leaf column of a data file.</summary>
/// <param name="ByteCount">Compressed bytes of the column's chunks.</param>
/// <param name="ValueCount">Values, nulls and NaNs among them; null below a list or map, where Iceberg counts nothing.</param>
/// <param name="NullCount">Null when it was not counted.</param>
/// <param name="NanCount">Of float and double columns only.</param>
/// <param name="LowerBound">Iceberg's single-value bytes, cut to 16 code points or bytes; null when there is none that is certain.</param>
/// <param name="UpperBound">As the lower bound; a cut one is rounded up.</param>
public sealed record ColumnMetrics(long ByteCount, long? ValueCount, long? NullCount, long? NanCount, byte[]? LowerBound, byte[]? UpperBound);
