namespace Philotes.Iceberg.Storage.S3;

/// <summary>How to reach one S3 store, or something that speaks its protocol.</summary>
public sealed record S3Options
{
    /// <summary>Parts of a multipart upload are never more than this many (Amazon S3 limits).</summary>
    public const int PartsMax = 10_000;

    /// <summary>Null: Amazon's own, by region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Null: what the SDK finds (environment, profile, instance); <c>us-east-1</c> for an endpoint of one's own.</summary>
    public string? Region { get; init; }

    /// <summary>Bucket in the path instead of in the host name. Null: for an endpoint of one's own.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Keys, read anew at each signature so that rotated ones hold. Null: the SDK's chain of environment, profile, web identity, container and instance role.</summary>
    public Func<S3Keys>? Keys { get; init; }

    /// <summary>A profile of the shared credentials file, in place of the chain.</summary>
    public string? Profile { get; init; }

    /// <summary>A role taken on with the credentials above; the session is renewed by itself.</summary>
    public string? RoleArn { get; init; }

    /// <summary>Sent when the role is taken on.</summary>
    public string? ExternalId { get; init; }

    public S3Encryption Encryption { get; init; }

    /// <summary>For <see cref="S3Encryption.SseKms"/>; null takes the account's own.</summary>
    public string? KmsKey { get; init; }

    public S3Checksums Checksums { get; init; }

    /// <summary>Files larger than this go up in parts of this size (or of a size that makes at most <see cref="PartsMax"/>). Default 16 MiB; stores refuse parts below 5 MiB.</summary>
    public long PartBytes { get; init; } = 16L << 20;

    /// <summary>Parts of one file under way at once. They are read from the file as they are sent: memory does not grow with their size.</summary>
    public int PartsAtOnce { get; init; } = 4;

    /// <summary>Repetitions of a request that failed by throttling, by the network or by the store itself, with full jitter. Default 6.</summary>
    public int Retries { get; init; } = 6;

    /// <summary>Longest time for one request, its body included. Default 2 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest silence in the middle of a reply. Default 30 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>PEM file of certificates to trust instead of the system's.</summary>
    public string? RootCertificate { get; init; }

    public bool IsPathStyle => PathStyle ?? Endpoint is not null;

    public bool ChecksumsOnlyWhenRequired => Checksums switch
    {
        S3Checksums.WhenRequired => true,
        S3Checksums.WhenSupported => false,
        _ => Endpoint is not null,
    };

    /// <summary>The size of the parts of a file: the configured one, or larger for a file of more than <see cref="PartsMax"/> of those.</summary>
    public long PartBytesOf(long fileBytes) => Math.Max(PartBytes, (fileBytes + PartsMax - 1) / PartsMax);

    // A record prints its members; the keys must never reach a log.
    public override string ToString() => $"S3 at {Endpoint?.Authority ?? Region ?? "Amazon"}";
}
