namespace Philotes.Hosting.Embedded;

/// <summary>How an embedded server is laid out and run.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>The cluster's folder: created and initialised if it is not there, used again if it is. It belongs to one server at a time.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Port on 127.0.0.1; 0 takes a free one at each start.</summary>
    public int Port { get; init; }

    /// <summary>Major version of the server's binaries: 15 and 17 come with <c>native/</c>; an existing folder must have been made by the same one.</summary>
    public int MajorVersion { get; init; } = 15;

    /// <summary>A folder with <c>bin</c> and <c>lib</c> of that version, such as Debian's, whose extensions no other server loads; null takes the first that is found.</summary>
    public string? Installation { get; init; }

    /// <summary>False only where losing the cluster at a power cut costs nothing, as in tests: it survives kill -9 all the same.</summary>
    public bool Fsync { get; init; } = true;

    /// <summary>Page checksums; settled when the folder is initialised.</summary>
    public bool DataChecksums { get; init; } = true;

    /// <summary>Server settings that win over ours (wal_level=logical, restart_after_crash=off and room for a few slots).</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a start or a stop may take. Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
