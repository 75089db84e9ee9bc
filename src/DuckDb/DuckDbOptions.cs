namespace Philotes.DuckDb;

/// <summary>The limits of one engine instance. All are set explicitly: the engine's own defaults follow the machine.</summary>
public sealed record DuckDbOptions
{
    /// <summary>Bytes that the engine may hold before it spills. Default 512 MiB.</summary>
    public long MemoryByteMax { get; init; } = 512L << 20;

    /// <summary>Threads of the engine, the calling one included. Default 1.</summary>
    public int ThreadCount { get; init; } = 1;

    /// <summary>Folder that it spills into; made on the first spill.</summary>
    public required string TempFolder { get; init; }

    internal IEnumerable<(string Name, string Value)> Settings() =>
    [
        ("allocator_flush_threshold", "16MiB"),
        ("memory_limit", FormattableString.Invariant($"{MemoryByteMax}B")),
        ("threads", FormattableString.Invariant($"{ThreadCount}")),
        ("temp_directory", TempFolder),
        ("preserve_insertion_order", "false"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
    ];
}
