using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;

namespace Philotes.BatchWriter.Files;

/// <summary>A finished data file on local disk.</summary>
internal sealed record EncodedFile(ParquetFile File, PartitionValues Partition);
