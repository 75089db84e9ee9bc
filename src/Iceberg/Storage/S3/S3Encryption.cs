namespace Philotes.Iceberg.Storage.S3;

/// <summary>Server-side encryption asked for on every put.</summary>
public enum S3Encryption
{
    /// <summary>Nothing is asked for: the bucket's own default holds.</summary>
    None,

    /// <summary>Keys of the store (AES256).</summary>
    SseS3,

    /// <summary>A key of the key service (aws:kms).</summary>
    SseKms,
}
