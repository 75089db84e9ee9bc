using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>How existing rows are copied.</summary>
internal sealed record CopySettings
{
    /// <summary>About how much more room an event takes in the buffer than a row in Parquet.</summary>
    private const int EventBytesPerFileByte = 4;

    /// <summary>Whether a table's existing rows are copied when it is taken up.</summary>
    public required Func<TableName, bool> Wanted { get; init; }

    /// <summary>The standby that rows are read from; null for the source itself.</summary>
    public Func<string>? Standby { get; init; }

    /// <summary>Connections that read rows at the same time.</summary>
    public int Connections { get; init; } = 2;

    /// <summary>Bytes of a table that are copied in one piece, TOAST included.</summary>
    public long ChunkBytes { get; init; } = 256L << 20;

    /// <summary>Bytes read from the source per second; null for no limit.</summary>
    public long? BytesPerSecondMax { get; init; }

    /// <summary>Copied events that may wait in the buffer for the lake.</summary>
    public long BufferBytes { get; init; } = 4L << 30;

    /// <summary>What a data file of the lake should weigh.</summary>
    public long FileBytes { get; init; } = 512L << 20;

    /// <summary>How often the ledger is asked for work while there is none.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a table that cannot be copied is left alone.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Copied events that are worth a batch while the copy goes on, because they make a file; every connection may have as much waiting before the budget is full.</summary>
    public long ClaimBytes => Math.Min(FileBytes * EventBytesPerFileByte, BufferBytes / Connections);

    public static CopySettings Nothing { get; } = new() { Wanted = static _ => false };
}
