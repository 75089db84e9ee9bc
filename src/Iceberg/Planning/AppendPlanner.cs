using Philotes.Iceberg.Manifests;

namespace Philotes.Iceberg.Planning;

/// <summary>
/// Plans an append on the head of main: new files go into new manifests, one per partition spec, in front of the manifests that are
/// there. A fast append keeps all of those; a merge append also merges small ones (<see cref="ManifestMerging"/>).
/// Every attempt of a commit is planned anew on the head it asserts, with the same snapshot id: the new manifests are the same each
/// time, and only the manifest list differs. Not for a table's first snapshot with files in it: some catalogs do not guard that one.
/// </summary>
public static class AppendPlanner
{
    /// <summary>Plans one append snapshot. Pure: same inputs, same plan; touches no clock, network or file.</summary>
    /// <param name="files">The new data files; none makes an empty snapshot.</param>
    /// <param name="timestampMs">The time of the snapshot; raised when it is not later than the head's.</param>
    /// <param name="summary">What else the snapshot's summary says; the counted keys are this planner's.</param>
    /// <param name="merge">Null for a fast append.</param>
    public static AppendPlan Plan(
        TableHead head,
        IReadOnlyList<DataFile> files,
        long snapshotId,
        long timestampMs,
        IReadOnlyDictionary<string, string> summary,
        ManifestMergeOptions? merge)
    {
        Require(head, files);
        var created = files.GroupBy(file => file.SpecId).Select(group => new PlannedManifest(group.Key, group.ToList())).ToList();
        var existing = merge is null
            ? head.Manifests.Select(IReadOnlyList<ManifestFile> (manifest) => [manifest]).ToList()
            : ManifestMerging.Plan(head, created, merge);
        return new AppendPlan(
            snapshotId,
            head.Current?.SnapshotId,
            head.LastSequenceNumber + 1,
            Math.Max(timestampMs, (head.Current?.TimestampMs + 1) ?? long.MinValue),
            head.Schema.SchemaId,
            created,
            existing,
            AppendSummary.Of(head.Current, files, created.Count, existing, summary));
    }

    private static void Require(TableHead head, IReadOnlyList<DataFile> files)
    {
        if (head.FormatVersion != 2)
        {
            throw new IcebergFormatException($"The table has format version {head.FormatVersion}; this library writes version 2.");
        }

        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (file.Content != DataFileContent.Data || !paths.Add(file.FilePath))
            {
                throw new ArgumentException($"'{file.FilePath}' is no data file, or is in the batch twice.", nameof(files));
            }

            if (!head.Specs.TryGetValue(file.SpecId, out var spec) || file.Partition.Count != spec.Fields.Count)
            {
                throw new ArgumentException($"'{file.FilePath}' is of partition spec {file.SpecId}, which the table does not have so.", nameof(files));
            }
        }
    }
}
