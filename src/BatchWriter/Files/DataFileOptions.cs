using Philotes.Iceberg.Parquet;

namespace Philotes.BatchWriter.Files;

/// <summary>How a batch becomes local files.</summary>
/// <param name="Folder">Where they lie until they are uploaded; must exist.</param>
/// <param name="FileByteTarget">A file that has reached it is finished.</param>
/// <param name="OpenFileMax">Partitions written at the same time; each holds an encoder. One more finishes the one that waited longest.</param>
internal sealed record DataFileOptions(string Folder, long FileByteTarget, int OpenFileMax, ParquetWriterOptions Parquet);
