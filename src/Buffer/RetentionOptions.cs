namespace Philotes.Buffer;

/// <summary>When a generation is closed and when it goes.</summary>
public sealed record RetentionOptions
{
    /// <summary>Events younger than it stay for replay, even when they are committed. Default 72 h.</summary>
    public TimeSpan ReplayWindow { get; init; } = TimeSpan.FromHours(72);

    /// <summary>Age at which a generation is followed by the next. Default 1 h.</summary>
    public TimeSpan GenerationAgeMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Size at which a generation is followed by the next. Default 8 GiB.</summary>
    public long GenerationBytesMax { get; init; } = 8L << 30;

    /// <summary>How long a detach waits for readers before it leaves the rest to the next round. Default 2 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A capture that flushed nothing for so long does not hold back the seal: should it come back, it is refused and captures again.
    /// Default 1 h.
    /// </summary>
    public TimeSpan SilentCaptureAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Events of table copies that stay for replay; with more, they go as soon as the lake has them. Default 4 GiB.</summary>
    public long CopyBytesMax { get; init; } = 4L << 30;
}
