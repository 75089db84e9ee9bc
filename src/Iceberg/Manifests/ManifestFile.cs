namespace Philotes.Iceberg.Manifests;

/// <summary>A manifest as the manifest list describes it (Iceberg spec, Manifest Lists).</summary>
public sealed record ManifestFile
{
    /// <summary>Stands for a sequence number that the commit's next attempt gives when it writes the list.</summary>
    public const long Unassigned = -1;

    public required string Path { get; init; }

    public required long Length { get; init; }

    public required int SpecId { get; init; }

    public ManifestContent Content { get; init; }

    public long SequenceNumber { get; init; } = Unassigned;

    /// <summary>The least data sequence number of the live entries.</summary>
    public long MinSequenceNumber { get; init; } = Unassigned;

    public required long AddedSnapshotId { get; init; }

    /// <summary>Null in a version 1 list that leaves the counts out.</summary>
    public int? AddedFilesCount { get; init; }

    public int? ExistingFilesCount { get; init; }

    public int? DeletedFilesCount { get; init; }

    public long? AddedRowsCount { get; init; }

    public long? ExistingRowsCount { get; init; }

    public long? DeletedRowsCount { get; init; }

    /// <summary>One per partition field, in the spec's order; null when nothing is known.</summary>
    public IReadOnlyList<FieldSummary>? Partitions { get; init; }

    public byte[]? KeyMetadata { get; init; }

    /// <summary>Version 3 only.</summary>
    public long? FirstRowId { get; init; }
}
