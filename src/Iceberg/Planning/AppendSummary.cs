using System.Globalization;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Planning;

/// <summary>
/// The summary of an append (Iceberg spec, Optional Snapshot Summary Fields). A total is the parent's plus what was added; where the
/// parent has none, or one that is no number, there is no total either: it is never invented. Without a parent, totals begin at 0.
/// </summary>
internal static class AppendSummary
{
    public static IReadOnlyDictionary<string, string> Of(
        Snapshot? parent,
        IReadOnlyList<DataFile> files,
        int createdCount,
        IReadOnlyList<IReadOnlyList<ManifestFile>> existing,
        IReadOnlyDictionary<string, string> extra)
    {
        var records = files.Sum(file => file.RecordCount);
        var bytes = files.Sum(file => file.FileSizeInBytes);
        var summary = new SortedDictionary<string, string>(extra.ToDictionary(), StringComparer.Ordinal) { ["operation"] = "append" };
        if (files.Count > 0)
        {
            summary["added-data-files"] = Text(files.Count);
            summary["added-records"] = Text(records);
            summary["added-files-size"] = Text(bytes);
        }

        summary["changed-partition-count"] = Text(files.Select(file => (file.SpecId, file.Partition)).Distinct().Count());
        AddTotal(summary, parent, "total-data-files", files.Count);
        AddTotal(summary, parent, "total-records", records);
        AddTotal(summary, parent, "total-files-size", bytes);
        AddTotal(summary, parent, "total-delete-files", 0);
        AddTotal(summary, parent, "total-position-deletes", 0);
        AddTotal(summary, parent, "total-equality-deletes", 0);
        summary["manifests-created"] = Text(createdCount + existing.Count(group => group.Count > 1));
        summary["manifests-kept"] = Text(existing.Count(group => group.Count == 1));
        summary["manifests-replaced"] = Text(existing.Where(group => group.Count > 1).Sum(group => group.Count));
        return summary;
    }

    private static void AddTotal(SortedDictionary<string, string> summary, Snapshot? parent, string key, long added)
    {
        summary.Remove(key);
        if (parent is null)
        {
            summary[key] = Text(added);
        }
        else if (long.TryParse(parent.Summary.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var before))
        {
            summary[key] = Text(before + added);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
