using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace Philotes.Testing;

/// <summary>A real file system with room for little, mounted on a folder of its own: what is written beyond it fails as on any full disk (ENOSPC).</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string _filler;

    private SmallDisk(string folder)
    {
        Folder = folder;
        _filler = Path.Combine(folder, "filler");
    }

    public string Folder { get; }

    /// <summary>Mounts it, or ends the test as ignored where mounting is not allowed.</summary>
    public static SmallDisk Mount(int bytes)
    {
        var folder = Directory.CreateTempSubdirectory("philotes-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes}"), "philotes-test", folder) != 0)
        {
            Directory.Delete(folder);
            Assert.Ignore("A small disk cannot be mounted here: it takes root.");
        }

        return new SmallDisk(folder);
    }

    /// <summary>Takes all the room that is left, but for some.</summary>
    public void Fill(long leave = 0)
    {
        using var file = new FileStream(_filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(page);
            }
        }
        catch (IOException)
        {
            // Full: what this is for.
        }

        file.SetLength(file.Length - leave);
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(_filler);

    public void Dispose()
    {
        _ = Run("umount", "--lazy", Folder);
        Directory.Delete(Folder);
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
