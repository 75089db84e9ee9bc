using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Storage;

namespace Philotes.BatchWriter.Orphans;

/// <summary>Which of some objects a table still refers to: by any snapshot of its metadata, on whatever branch or tag.</summary>
internal static class LiveObjects
{
    /// <summary>Reads every manifest list, and manifests only while a data file is among the candidates; holds one of them at a time.</summary>
    public static async Task<HashSet<string>> AmongAsync(IReadOnlySet<string> candidates, TableMetadata table, IObjectStore store, CancellationToken cancellationToken)
    {
        var live = new HashSet<string>(StringComparer.Ordinal);
        var read = new HashSet<string>(StringComparer.Ordinal);
        var anyData = candidates.Any(uri => uri.EndsWith(".parquet", StringComparison.Ordinal));
        foreach (var list in Lists(table))
        {
            Note(list);
            foreach (var manifest in ManifestListReader.Read(await store.ReadAsync(list, cancellationToken)))
            {
                Note(manifest.Path);
                if (!anyData || !read.Add(manifest.Path))
                    continue;
                foreach (var entry in ManifestReader.Read(await store.ReadAsync(manifest.Path, cancellationToken), manifest).Entries)
                    Note(entry.File.FilePath);
            }
        }

        return live;

        void Note(string uri)
        {
            if (candidates.Contains(uri))
                live.Add(uri);
        }
    }

    private static IEnumerable<string> Lists(TableMetadata table) =>
        table.Document.TryGetProperty("snapshots", out var snapshots) && snapshots.ValueKind is System.Text.Json.JsonValueKind.Array
            ? snapshots.EnumerateArray().Select(snapshot => snapshot.GetProperty("manifest-list").GetString()!)
            : [];
}
