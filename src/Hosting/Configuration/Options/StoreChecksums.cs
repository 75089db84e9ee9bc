namespace Philotes.Hosting;

/// <summary>Whether requests to the object store carry the checksums that only newer stores know.</summary>
public enum StoreChecksums
{
    Auto,
    WhenSupported,
    WhenRequired,
}
