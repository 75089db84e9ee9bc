namespace Philotes.Iceberg.Parquet;

/// <summary>A column that has values in the file.</summary>
/// <param name="Index">Its place among a row group's column chunks.</param>
/// <param name="IsRepeated">Below a list or map.</param>
internal sealed record ParquetLeaf(int Index, int FieldId, bool IsRepeated);
