namespace Philotes.Hosting;

/// <summary>Server-side encryption that is asked for on every object.</summary>
public enum StoreEncryption
{
    None,
    SseS3,
    SseKms,
}
