namespace Philotes.Iceberg.Storage.S3;

/// <summary>
/// Whether requests carry the checksums that only newer stores know. Either way the SHA-256 of every body is part of its signature, so that a store
/// refuses a body that changed on the way.
/// </summary>
public enum S3Checksums
{
    /// <summary><see cref="WhenRequired"/> for an endpoint of one's own, else <see cref="WhenSupported"/>.</summary>
    Auto,
    WhenSupported,
    WhenRequired,
}
