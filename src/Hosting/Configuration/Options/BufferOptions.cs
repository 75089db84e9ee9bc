using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record BufferOptions
{
    [Description("How to reach the buffer database.")]
    public ConnectionOptions? Connection { get; init; }

    [Description("How long changes are kept after the lake has them, so that they can be replayed.")]
    [Between("0s", "365d")]
    public TimeSpan ReplayWindow { get; init; } = TimeSpan.FromHours(72);

    [Description("The replay window when the buffer holds more than 80 % of max_bytes.")]
    [Between("0s", "365d")]
    public TimeSpan MinReplayWindow { get; init; } = TimeSpan.FromHours(6);

    [Description("Size at which the buffer counts as full: capture waits, and the source keeps its log, until a tenth of it is free.")]
    [Between("64MiB", "1PiB")]
    public ByteSize MaxBytes { get; init; } = ByteSize.FromGibibytes(300);

    [Description("Wait between durable in the buffer and acknowledged to the source; longer than the lag of the buffer's standby, if a failover must lose nothing.")]
    [Between("0s", "1h")]
    public TimeSpan AckDelay { get; init; } = TimeSpan.Zero;

    [Description("Events of one generation; a full generation is sealed and later dropped as a whole.")]
    [Between("64MiB", "1TiB")]
    public ByteSize GenerationBytes { get; init; } = ByteSize.FromGibibytes(4);

    [Description("Time between two runs of the retention.")]
    [Between("1s", "1d")]
    public TimeSpan RetentionEvery { get; init; } = TimeSpan.FromMinutes(1);
}
