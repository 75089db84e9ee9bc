using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record HeartbeatOptions
{
    [Description("Time between two signs of life.")]
    [Between("1s", "1h")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    [Description("Whether signs of life are written into the source's WAL (pg_logical_emit_message). Without them capture cannot notice that it hears nothing.")]
    public bool EmitMessage { get; init; } = true;
}
