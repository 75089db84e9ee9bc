using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>The demo's folder, empty at the start and locked until the end. A folder that is not a demo's is left alone.</summary>
sealed class DemoFolder : IDisposable
{
    const string Marker = ".philotes-demo";
    readonly FileStream _lock;

    DemoFolder(string path, FileStream marker) => (Path, _lock) = (path, marker);

    public string Path { get; }

    public string Postgres => System.IO.Path.Combine(Path, "postgres");

    public string Warehouse => System.IO.Path.Combine(Path, "warehouse");

    public string Configuration => System.IO.Path.Combine(Path, "philotes.yaml");

    public static DemoFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var marker = System.IO.Path.Combine(path, Marker);
        if (Directory.Exists(path) && !File.Exists(marker) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new PhilotesException("PH604", $"{path} holds files that are not a demo's; name another folder with --folder.");
        Directory.CreateDirectory(path);
        var locked = Lock(marker, path);
        foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos().Where(entry => entry.Name != Marker))
        {
            if (entry is DirectoryInfo folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }
        var opened = new DemoFolder(path, locked);
        Directory.CreateDirectory(opened.Warehouse);
        return opened;
    }

    static FileStream Lock(string marker, string path)
    {
        try
        {
            return new FileStream(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new PhilotesException("PH604", $"A demo is running in {path}; end it, or name another folder with --folder.", exception);
        }
    }

    public void Dispose() => _lock.Dispose();
}
