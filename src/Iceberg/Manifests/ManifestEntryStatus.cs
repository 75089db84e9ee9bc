namespace Philotes.Iceberg.Manifests;

/// <summary>Whether a file is live, and since when. The number is the specification's.</summary>
public enum ManifestEntryStatus
{
    /// <summary>Live, added by an earlier snapshot.</summary>
    Existing = 0,
    /// <summary>Live, added by the snapshot that wrote the manifest.</summary>
    Added = 1,
    /// <summary>Not live any more; removed by the snapshot that wrote the manifest.</summary>
    Deleted = 2,
}
