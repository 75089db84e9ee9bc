using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>The source database and what we keep in it: one slot, one publication.</summary>
public sealed record SourceOptions
{
    [Description("Name of this source in the buffer, in metrics and in commit summaries.")]
    public string Name { get; init; } = "default";

    [Description("How to reach the source. The role needs REPLICATION.")]
    public ConnectionOptions? Connection { get; init; }

    [Description("Logical replication slot; created if missing.")]
    public string Slot { get; init; } = "philotes";

    [Description("The publication that names the captured tables.")]
    public PublicationOptions Publication { get; init; } = new();

    [Description("Whether large transactions are streamed before they commit (pgoutput protocol 2).")]
    public Streaming Streaming { get; init; } = Streaming.Off;

    [Description("A sign of life through the source's WAL: if it does not come out of the buffer in three times its interval, capture says PH126 and is not ready.")]
    public HeartbeatOptions Heartbeat { get; init; } = new();

    [Description("What happens when changes between slot and buffer are lost.")]
    public OnGap OnGap { get; init; } = OnGap.Stop;

    [Description("What a flush of captured changes to the buffer waits for.")]
    public FlushOptions Flush { get; init; } = new();

    [Description("How the rows that tables have already are copied.")]
    public CopyOptions Copy { get; init; } = new();
}
