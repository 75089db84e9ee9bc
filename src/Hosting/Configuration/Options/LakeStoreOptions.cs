using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>An S3 store, or one that speaks its protocol. Warehouses under file:// need none of it.</summary>
public sealed record LakeStoreOptions
{
    [Description("Checksums that only newer stores know; auto asks for them where a store requires them if endpoint is set, and wherever they are supported if not.")]
    public StoreChecksums Checksums { get; init; } = StoreChecksums.Auto;

    [Description("Bucket in the path instead of in the host name; auto uses it for an endpoint of your own.")]
    public AutoSwitch PathStyle { get; init; } = AutoSwitch.Auto;

    [Description("Address of a store of your own.")]
    public Uri? Endpoint { get; init; }

    [Description("Region of the store; what the SDK finds if not set.")]
    public string? Region { get; init; }

    [Description("Access key; the chain of environment, profile, web identity, container and instance role if not set.")]
    public string? AccessKey { get; init; }

    [Description("Secret key.")]
    public Secret? SecretKey { get; init; }

    [Description("Session token of keys that end.")]
    public Secret? SessionToken { get; init; }

    [Description("Profile of the shared credentials file, in place of the chain.")]
    public string? Profile { get; init; }

    [Description("Role to take on with these credentials; renewed by itself.")]
    public string? RoleArn { get; init; }

    [Description("External id to send when the role is taken on.")]
    public string? ExternalId { get; init; }

    [Description("Server-side encryption asked for on every object; none leaves it to the bucket.")]
    public StoreEncryption Encryption { get; init; } = StoreEncryption.None;

    [Description("Key for encryption: sse-kms; the account's own if not set.")]
    public string? KmsKey { get; init; }

    [Description("Larger files are uploaded in parts of this size.")]
    [Between("5MiB", "5GiB")]
    public ByteSize PartBytes { get; init; } = ByteSize.FromMebibytes(16);

    [Description("Parts of one file uploaded at the same time.")]
    [Between("1", "64")]
    public int PartsAtOnce { get; init; } = 4;

    [Description("Repetitions of a request that failed by throttling, by the network or by the store.")]
    [Between("0", "20")]
    public int Retries { get; init; } = 6;

    [Description("Longest time for one request, its body included.")]
    [Between("1s", "1h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    [Description("Certificates to trust, a PEM file; the system's if not set.")]
    public string? RootCertificate { get; init; }
}
