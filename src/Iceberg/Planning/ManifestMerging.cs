using Philotes.Iceberg.Manifests;

namespace Philotes.Iceberg.Planning;

/// <summary>
/// Chooses the manifests to merge, as the reference implementation's merge append does: data manifests of one spec, packed from the
/// oldest on into bins of the target size. A bin of one stays as it is; the bin with the newest manifests is merged only when it,
/// with the new manifest, has reached the least count. The new manifest itself is never merged, so that it serves every attempt.
/// Manifests of deletes, and of specs whose source columns are gone, stay as they are.
/// </summary>
internal static class ManifestMerging
{
    /// <summary>The head's manifests in the order of the new list, in groups; only groups of more than one are merged.</summary>
    public static List<IReadOnlyList<ManifestFile>> Plan(TableHead head, IReadOnlyList<PlannedManifest> created, ManifestMergeOptions options)
    {
        var groups = new List<IReadOnlyList<ManifestFile>>();
        var data = head.Manifests.Where(manifest => manifest.Content == ManifestContent.Data);
        foreach (var spec in data.GroupBy(manifest => manifest.SpecId).OrderByDescending(group => group.Key))
        {
            var bins = Pack(spec.ToList(), options.TargetBytes);
            var newest = bins[0].Count + created.Count(manifest => manifest.SpecId == spec.Key);
            groups.AddRange(newest < options.MinCount || !head.CanWrite(spec.Key) ? Separate(bins[0]) : [bins[0]]);
            groups.AddRange(head.CanWrite(spec.Key) ? bins.Skip(1) : bins.Skip(1).SelectMany(Separate));
        }

        groups.AddRange(Separate(head.Manifests.Where(manifest => manifest.Content == ManifestContent.Deletes)));
        return groups;
    }

    private static IEnumerable<IReadOnlyList<ManifestFile>> Separate(IEnumerable<ManifestFile> manifests) =>
        manifests.Select(IReadOnlyList<ManifestFile> (manifest) => [manifest]);

    /// <summary>Bins in the order of the list; filled from its end, so that only the first can be short of the target.</summary>
    private static List<IReadOnlyList<ManifestFile>> Pack(List<ManifestFile> manifests, long targetBytes)
    {
        var bins = new List<IReadOnlyList<ManifestFile>>();
        var bin = new List<ManifestFile>();
        var length = 0L;
        for (var i = manifests.Count - 1; i >= 0; i--)
        {
            if (bin.Count > 0 && length + manifests[i].Length > targetBytes)
            {
                bins.Insert(0, bin);
                bin = [];
                length = 0;
            }

            bin.Insert(0, manifests[i]);
            length += manifests[i].Length;
        }

        bins.Insert(0, bin);
        return bins;
    }
}
