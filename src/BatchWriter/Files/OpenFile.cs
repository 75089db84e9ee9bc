using Philotes.DuckDb;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>A data file that is being filled.</summary>
internal sealed class OpenFile(ParquetFileWriter writer, PartitionValues partition) : IDisposable
{
    /// <summary>Values of a chunk that is handed over before it has all of its rows, so that wide rows are not held by the thousand.</summary>
    private const int ChunkBytesMax = 2 << 20;

    private long _filledBytes;

    /// <summary>Rows of the chunk that are filled.</summary>
    public int Filled { get; private set; }

    /// <summary>Number of the event that was last written into it.</summary>
    public long LastUsed { get; set; }

    public PartitionValues Partition { get; } = partition;

    public DataChunk Chunk => writer.Chunk;

    /// <summary>Of the values that went to the encoder.</summary>
    public long RawByteCount => writer.RawByteCount;

    public long EstimatedByteCount => writer.EstimatedByteCount;

    /// <summary>True when that was the chunk's last row and the chunk went to the encoder.</summary>
    /// <param name="rowBytes">About what the row's values take.</param>
    public bool Advance(int rowBytes)
    {
        _filledBytes += rowBytes;
        if (++Filled < DataChunk.Capacity && _filledBytes < ChunkBytesMax)
            return false;
        HandOver();
        return true;
    }

    /// <summary>Null when it never got a row.</summary>
    public EncodedFile? Complete()
    {
        HandOver();
        return writer.RowCount == 0 ? null : EncodedFile.Of(writer.Complete(), Partition);
    }

    public void Dispose() => writer.Dispose();

    private void HandOver()
    {
        writer.AppendChunk(Filled);
        (Filled, _filledBytes) = (0, 0);
        Failpoints.Hit("wr.mid_encode");
    }
}
