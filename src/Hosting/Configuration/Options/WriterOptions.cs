using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record WriterOptions
{
    [Description("Batches written at the same time; each is of another table.")]
    [Between("1", "256")]
    public int Parallelism { get; init; } = 4;

    [Description("Time for which a batch is claimed; renewed while the work goes on.")]
    [Between("2s", "1h")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    [Description("Memory for encoding, of all batches together.")]
    [Between("64MiB", "1TiB")]
    public ByteSize Memory { get; init; } = ByteSize.FromGibibytes(1);

    [Description("Time between two looks for due batches.")]
    [Between("50ms", "1h")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(1);

    [Description("Changes that wait for longer than this while no batch is committed mean that the writer is stalled (PH508).")]
    [Between("1s", "1d")]
    public TimeSpan StalledAfter { get; init; } = TimeSpan.FromSeconds(80);

    [Description("Folder for files before they are uploaded; the system's temporary folder if not set.")]
    public string? TempFolder { get; init; }

    [Description("Time between two removals of objects that nothing refers to.")]
    [Between("1m", "30d")]
    public TimeSpan OrphansEvery { get; init; } = TimeSpan.FromHours(6);

    [Description("Objects of a batch are removed this long after the batch was committed, if nothing refers to them.")]
    [Between("1s", "365d")]
    public TimeSpan OrphanAge { get; init; } = TimeSpan.FromHours(24);
}
