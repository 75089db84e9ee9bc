namespace Philotes.Iceberg.Manifests;

/// <summary>One line of a manifest (Iceberg spec, Manifest Entry Fields).</summary>
/// <param name="SnapshotId">The snapshot that added the file, or that removed it when it is deleted. Null: the one that added the manifest.</param>
/// <param name="SequenceNumber">The age of the rows. Null only for an added file, which inherits the manifest's.</param>
/// <param name="FileSequenceNumber">The commit that added the file itself. Null only for an added file, which inherits the manifest's.</param>
public sealed record ManifestEntry(ManifestEntryStatus Status, long? SnapshotId, long? SequenceNumber, long? FileSequenceNumber, DataFile File)
{
    public bool IsLive => Status != ManifestEntryStatus.Deleted;

    /// <summary>An entry for a new file; it inherits both numbers, so that its manifest serves every attempt of the commit.</summary>
    public static ManifestEntry Added(long snapshotId, DataFile file) => new(ManifestEntryStatus.Added, snapshotId, null, null, file);
}
