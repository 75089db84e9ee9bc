using Philotes.DuckDb;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>A data file that is being filled.</summary>
internal sealed class OpenFile(ParquetFileWriter writer, PartitionValues partition) : IDisposable
{
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
    public bool Advance()
    {
        if (++Filled < DataChunk.Capacity)
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
        Filled = 0;
        Failpoints.Hit("wr.mid_encode");
    }
}
