using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record CopyOptions
{
    [Description("A standby of the source that existing rows are read from; the source itself if not set.")]
    public ConnectionOptions? Connection { get; init; }

    [Description("Connections to the source that read rows at the same time; one more holds the snapshot, without reading.")]
    [Between("1", "64")]
    public int Connections { get; init; } = 2;

    [Description("Bytes of a table, TOAST included, that are copied in one piece; after a kill no more than the pieces in work are read again.")]
    [Between("64KiB", "64GiB")]
    public ByteSize ChunkBytes { get; init; } = ByteSize.FromMebibytes(256);

    [Description("Bytes that are read from the source per second at most; no limit if not set.")]
    [Between("1KiB", "1TiB")]
    public ByteSize? MaxBytesPerSecond { get; init; }

    [Description("Copied rows that may wait in the buffer for the lake; copying pauses while there are more. Committed ones stay for replay within the same bound.")]
    [Between("1MiB", "1PiB")]
    public ByteSize BufferBytes { get; init; } = ByteSize.FromGibibytes(4);
}
