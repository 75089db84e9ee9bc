using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>A flush starts at the first limit reached.</summary>
public sealed record FlushOptions
{
    [Description("Longest wait of a committed transaction before it is made durable.")]
    [Between("1ms", "1m")]
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(200);

    [Description("Rows of one flush.")]
    [Between("1", "10000000")]
    public int MaxRows { get; init; } = 100_000;

    [Description("Bytes of one flush; also bounds the memory of a transaction of any size.")]
    [Between("64KiB", "1GiB")]
    public ByteSize MaxBytes { get; init; } = ByteSize.FromMebibytes(32);
}
