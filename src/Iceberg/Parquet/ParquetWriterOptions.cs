using Philotes.Iceberg.Partitioning;

namespace Philotes.Iceberg.Parquet;

/// <summary>The limits of one file's encoding. Every writer has an engine instance to itself, so they add up over writers.</summary>
public sealed record ParquetWriterOptions
{
    /// <summary>Bytes that the encoder may hold before it spills. Default 512 MiB.</summary>
    public long MemoryByteMax { get; init; } = 512L << 20;

    /// <summary>Threads of the encoder; the caller's own, which fills the vectors, comes on top. Default 1.</summary>
    public int ThreadCount { get; init; } = 1;

    /// <summary>Folder that the encoder spills into. Default: the system's folder for temporary files.</summary>
    public string TempFolder { get; init; } = Path.Combine(Path.GetTempPath(), "philotes-encode");

    /// <summary>Rows of a row group, at most. Default 122,880.</summary>
    public int RowGroupRowMax { get; init; } = 122_880;

    /// <summary>Bytes of a row group before encoding, at which it is closed early. Default 128 MiB.</summary>
    public long RowGroupByteMax { get; init; } = 128L << 20;

    /// <summary>Rows are sorted by it: no row is written before the last one came, and what does not fit into memory is spilled. Default: rows stay as they come.</summary>
    public SortOrder Sort { get; init; } = SortOrder.Unsorted;

    /// <summary>Bytes of the file for one byte of values before encoding, as guessed while nothing of it is on disk. Default a third.</summary>
    public double SizeRatio { get; init; } = 1.0 / 3;

    /// <summary>Level of zstd, 1 to 22. Default 3.</summary>
    public int ZstdLevel { get; init; } = 3;
}
