using System.Diagnostics;

namespace Philotes.Iceberg.Storage;

/// <summary>
/// Objects as files of this machine, named by <c>file:</c> URI (see <see cref="FileUri"/>).
/// A put writes a file of a hidden name beside its place, syncs it, and links it to its name: the link fails when the name is taken,
/// so that nothing is ever replaced, and a reader sees the whole file or none. Then the folder is synced, and every folder that had to
/// be made. A crash in between leaves at most a hidden <c>.put-*</c> file, which no metadata refers to.
/// </summary>
public sealed class LocalObjectStore : IObjectStore
{
    public async Task PutNewAsync(string uri, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var path = FileUri.ToPath(uri);
        await Guarded("put", uri, async () =>
        {
            using var source = new MemoryStream(bytes.ToArray(), writable: false);
            await PutCopyAsync(uri, path, source, cancellationToken);
        });
    }

    public async Task PutNewFileAsync(string uri, string localPath, CancellationToken cancellationToken)
    {
        var path = FileUri.ToPath(uri);
        await Guarded("put", uri, async () =>
        {
            MakeFolder(uri, Path.GetDirectoryName(path)!);
            await using (var file = new FileStream(localPath, FileMode.Open, FileAccess.ReadWrite))
            {
                file.Flush(flushToDisk: true);
            }

            if (OperatingSystem.IsWindows() || !TryLink(uri, localPath, path))
            {
                await using var source = File.OpenRead(localPath);
                await PutCopyAsync(uri, path, source, cancellationToken);
            }
        });
    }

    public async Task<byte[]> ReadAsync(string uri, CancellationToken cancellationToken)
    {
        var path = FileUri.ToPath(uri);
        byte[] bytes = [];
        await Guarded("get", uri, async () => bytes = await File.ReadAllBytesAsync(path, cancellationToken));
        return bytes;
    }

    public async Task<Stream> OpenReadAsync(string uri, CancellationToken cancellationToken)
    {
        var path = FileUri.ToPath(uri);
        Stream? stream = null;
        await Guarded("get", uri, () =>
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 65_536, useAsync: true);
            return Task.CompletedTask;
        });
        return stream!;
    }

    public async Task<long?> HeadAsync(string uri, CancellationToken cancellationToken)
    {
        var path = FileUri.ToPath(uri);
        long? length = null;
        await Guarded("head", uri, () =>
        {
            var file = new FileInfo(path);
            length = file.Exists ? file.Length : null;
            return Task.CompletedTask;
        });
        return length;
    }

    public async Task<DateTimeOffset?> WrittenAtAsync(string uri, CancellationToken cancellationToken)
    {
        var path = FileUri.ToPath(uri);
        DateTimeOffset? at = null;
        await Guarded("head", uri, () =>
        {
            var file = new FileInfo(path);
            at = file.Exists ? file.LastWriteTimeUtc : null;
            return Task.CompletedTask;
        });
        return at;
    }

    public async Task<bool> DeleteAsync(string uri, CancellationToken cancellationToken)
    {
        var path = FileUri.ToPath(uri);
        await Guarded("delete", uri, () =>
        {
            if (File.Exists(path))
            {
                File.Delete(path);
                Sync(uri, Path.GetDirectoryName(path)!);
            }

            return Task.CompletedTask;
        });
        return false;
    }

    public async Task<int> EndUploadsAsync(string folder, DateTimeOffset begunBefore, CancellationToken cancellationToken)
    {
        var path = FileUri.ToPath(folder.TrimEnd('/'));
        var ended = 0;
        await Guarded("list", folder, () =>
        {
            var hidden = Directory.Exists(path) ? Directory.EnumerateFiles(path, ".put-*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }) : [];
            foreach (var file in hidden.Where(file => File.GetLastWriteTimeUtc(file) < begunBefore.UtcDateTime))
            {
                cancellationToken.ThrowIfCancellationRequested();
                File.Delete(file);
                ended++;
            }

            return Task.CompletedTask;
        });
        return ended;
    }

    private static async Task PutCopyAsync(string uri, string path, Stream source, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(uri, folder);
        var hidden = Path.Combine(folder, $".put-{Guid.NewGuid():N}");
        try
        {
            await using (var file = new FileStream(hidden, FileMode.CreateNew, FileAccess.Write))
            {
                await source.CopyToAsync(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            if (OperatingSystem.IsWindows())
            {
                File.Move(hidden, path, overwrite: false);
            }
            else if (!TryLink(uri, hidden, path))
            {
                throw LocalFailures.Of(uri, Posix.CrossDevice);
            }
        }
        finally
        {
            File.Delete(hidden);
        }
    }

    /// <summary>False when the file system cannot link the two, because they are on different devices or it knows no links.</summary>
    private static bool TryLink(string uri, string existing, string path)
    {
        var error = Posix.Link(existing, path);
        if (error is Posix.CrossDevice or Posix.NotPermitted)
        {
            return false;
        }

        if (error != 0)
        {
            throw LocalFailures.Of(uri, error);
        }

        Sync(uri, Path.GetDirectoryName(path)!);
        return true;
    }

    /// <summary>Makes the folder and those above it that are missing, and makes their names durable from the top down.</summary>
    private static void MakeFolder(string uri, string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        MakeFolder(uri, parent);
        Directory.CreateDirectory(folder);
        Sync(uri, parent);
    }

    private static void Sync(string uri, string folder)
    {
        if (!OperatingSystem.IsWindows() && Posix.SyncFolder(folder) is not 0 and var error)
        {
            throw LocalFailures.Of(uri, error);
        }
    }

    private static async Task Guarded(string operation, string uri, Func<Task> action)
    {
        var started = Stopwatch.GetTimestamp();
        var isDone = false;
        try
        {
            await action();
            isDone = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw LocalFailures.Of(uri, e);
        }
        finally
        {
            RequestMetrics.LocalStore(operation, isDone, started);
        }
    }
}
