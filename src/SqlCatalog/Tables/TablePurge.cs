using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Metadata;
using Philotes.Iceberg;
using Philotes.Iceberg.Manifests;

namespace Philotes.SqlCatalog.Tables;

/// <summary>
/// Removes the files of a dropped table: what its snapshots refer to, then what refers to them, so that a crash in between
/// leaves files that the rest still leads to. Only files that are named are removed, never a folder: a location may be shared.
/// Data and delete files stay when the table says <c>gc.enabled=false</c>, since others may use them.
/// </summary>
internal sealed class TablePurge(MetadataFiles files)
{
    public async Task RunAsync(JsonObject document, string metadataLocation, CancellationToken cancellationToken)
    {
        var (data, manifests) = await ReferredAsync(document, cancellationToken);
        if (document.TextMap("properties").GetValueOrDefault("gc.enabled") != "false")
            await files.DeleteAsync(data, cancellationToken);
        await files.DeleteAsync(manifests, cancellationToken);
        await files.DeleteAsync(Lists(document), cancellationToken);
        await files.DeleteAsync(Statistics(document), cancellationToken);
        await files.DeleteAsync(document.Objects("metadata-log").Select(e => e.Text("metadata-file")), cancellationToken);
        await files.DeleteAsync([metadataLocation], cancellationToken);
    }

    async Task<(IReadOnlyCollection<string> Data, IReadOnlyCollection<string> Manifests)> ReferredAsync(
        JsonObject document, CancellationToken cancellationToken)
    {
        var (data, manifests) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var list in Lists(document))
        {
            foreach (var manifest in await ReadListAsync(list, cancellationToken))
            {
                if (manifests.Add(manifest.Path))
                    data.UnionWith(await ReadManifestAsync(manifest, cancellationToken));
            }
        }

        return (data, manifests);
    }

    async Task<IReadOnlyList<ManifestFile>> ReadListAsync(string location, CancellationToken cancellationToken) =>
        await files.TryReadAsync(location, cancellationToken) is { } bytes ? Readable(() => ManifestListReader.Read(bytes)) : [];

    async Task<IReadOnlyList<string>> ReadManifestAsync(ManifestFile manifest, CancellationToken cancellationToken) =>
        await files.TryReadAsync(manifest.Path, cancellationToken) is { } bytes
            ? Readable(() => ManifestReader.Read(bytes, manifest).Entries.Select(e => e.File.FilePath).ToList())
            : [];

    /// <summary>A file that is not what it should be ends its branch, not the purge: the table is dropped already.</summary>
    static IReadOnlyList<T> Readable<T>(Func<IReadOnlyList<T>> read)
    {
        try
        {
            return read();
        }
        catch (IcebergFormatException)
        {
            return [];
        }
    }

    static IEnumerable<string> Lists(JsonObject document) => document.Objects("snapshots").Select(s => s.OptionalText("manifest-list")).OfType<string>();

    static IEnumerable<string> Statistics(JsonObject document) =>
        document.Objects("statistics").Concat(document.Objects("partition-statistics")).Select(s => s.OptionalText("statistics-path")).OfType<string>();
}
