using Philotes.Catalog.Metadata;

namespace Philotes.Catalog.Tables;

/// <summary>Removes the files of a dropped table, from its last metadata file down.</summary>
internal sealed class TablePurge(MetadataFiles files)
{
    public async Task RunAsync(string metadataLocation, CancellationToken cancellationToken)
    {
        var document = await files.ReadAsync(metadataLocation, cancellationToken);
        var locations = document.Objects("snapshots").Select(s => s.OptionalText("manifest-list")).OfType<string>()
            .Concat(document.Objects("metadata-log").Select(e => e.Text("metadata-file")))
            .Append(metadataLocation);
        await files.DeleteAsync(locations, cancellationToken);
    }
}
