using Philotes.Capture.Copy;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Capture;

/// <summary>What one capture needs to know. Made from the configuration file by <see cref="CaptureServices"/>.</summary>
internal sealed record CaptureSettings
{
    private static readonly Dictionary<string, ColumnRule> NoColumns = [];

    /// <summary>Name of the source in the buffer.</summary>
    public required string SourceName { get; init; }

    /// <summary>How to reach the source. Asked again at each connect, so that a rotated secret is found.</summary>
    public required Func<string> SourceConnection { get; init; }

    public required string SlotName { get; init; }

    public required string PublicationName { get; init; }

    /// <summary>True: we create the publication and keep its tables in step with <see cref="Matches"/>.</summary>
    public bool ManagedPublication { get; init; } = true;

    /// <summary>Whether the configuration wants a table.</summary>
    public required Func<TableName, bool> Matches { get; init; }

    /// <summary>Options of a table's single columns, by name: which are excluded or masked.</summary>
    public Func<TableName, IReadOnlyDictionary<string, ColumnRule>> Columns { get; init; } = static _ => NoColumns;

    /// <summary>Longest wait of a committed transaction before it is flushed.</summary>
    public TimeSpan FlushDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    public long FlushBytes { get; init; } = 8L << 20;

    public int FlushRows { get; init; } = 20_000;

    /// <summary>How long a durable position is kept from the slot, so that the source can send again what a failed-over buffer lost.</summary>
    public TimeSpan AcknowledgeDelay { get; init; } = TimeSpan.Zero;

    /// <summary>Size of the buffer at which capture waits. Default: none.</summary>
    public long BufferBytesMax { get; init; } = long.MaxValue;

    /// <summary>How often the slot follows a source that is busy elsewhere.</summary>
    public TimeSpan IdleAdvance { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the publication is compared with the source's tables.</summary>
    public TimeSpan PublicationCheck { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a sign of life goes through the source's log; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a refused login is taken for a secret that is being changed.</summary>
    public TimeSpan LoginPatience { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How rows that tables have already are copied.</summary>
    public CopySettings Copy { get; init; } = CopySettings.Nothing;

    /// <summary>Where existing rows are read from.</summary>
    public string CopyConnection() => (Copy.Standby ?? SourceConnection)();

    /// <summary>Longest time that stopping may take to flush and acknowledge.</summary>
    public TimeSpan ShutdownDeadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Publication of tables that cannot tell which row an update or delete means.</summary>
    public string AppendOnlyPublicationName => PublicationName + "_append_only";
}
