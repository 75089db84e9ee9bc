using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record HeartbeatOptions
{
    [Description("Time between two signs of life.")]
    [Between("1s", "1h")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    [Description("Whether the sign is a logical message in the WAL (pg_logical_emit_message) or only a status update.")]
    public bool EmitMessage { get; init; } = true;
}
