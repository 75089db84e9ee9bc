namespace Philotes.Catalog.Metadata;

/// <summary>Files by <c>file:</c> URI, taken literally as Iceberg's readers take them: nothing in a path is decoded.</summary>
internal sealed class LocalFiles
{
    readonly string _scheme = "file:";

    public Task<byte[]> ReadAsync(string location, CancellationToken cancellationToken) =>
        File.ReadAllBytesAsync(PathOf(location), cancellationToken);

    /// <summary>Complete and on disk under its name, or not there at all; an existing file is never replaced.</summary>
    public async Task PutNewAsync(string location, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var path = PathOf(location);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = path + ".tmp";
        await using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write))
        {
            await file.WriteAsync(bytes, cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: false);
    }

    public Task DeleteAsync(string location, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        File.Delete(PathOf(location));
        return Task.CompletedTask;
    }

    string PathOf(string location) => location switch
    {
        _ when location.StartsWith(_scheme, StringComparison.Ordinal) => "/" + location[_scheme.Length..].TrimStart('/'),
        _ when location.StartsWith('/') => location,
        _ => throw CatalogException.BadRequest($"No object store is configured for '{location}'."),
    };
}
