using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Philotes.Testing;

/// <summary>
/// Where the programs are that we did not write and test against: the folder of peers (environment variable PHILOTES_PEERS, else <c>shared/peers</c>
/// in a folder above), the node packages of native/, and the interpreters. What is missing ends the test by <see cref="Prerequisite"/>.
/// </summary>
public static class Peers
{
    const int PortMin = 12_000;
    const int PortMax = 32_000;

    /// <summary>Closed, and so unlocked, when the process ends.</summary>
    static readonly ConcurrentBag<FileStream> Taken = [];

    /// <summary>The folder of a peer's files, by names below it: <c>Peers.Path("catalog.sh")</c>.</summary>
    public static string Path(params ReadOnlySpan<string> parts)
    {
        var folder = Environment.GetEnvironmentVariable("PHILOTES_PEERS") is { Length: > 0 } named ? named : Above("shared", "peers");
        var path = folder is null ? null : System.IO.Path.Combine([folder, .. parts]);
        return Found(path, "The folder of peers (PHILOTES_PEERS, or shared/peers beside the repository)");
    }

    /// <summary>A file beside the folder of peers, by names below <c>shared</c>.</summary>
    public static string Beside(params ReadOnlySpan<string> parts) =>
        Found(System.IO.Path.Combine([System.IO.Path.GetDirectoryName(Path())!, .. parts]), $"{string.Join('/', parts.ToArray())} beside the folder of peers");

    /// <summary>A file of the repository.</summary>
    public static string Repository(params ReadOnlySpan<string> parts) =>
        System.IO.Path.Combine([System.IO.Path.GetDirectoryName(Found(Above("Philotes.sln"), "The repository"))!, .. parts]);

    /// <summary>The folder native/, with its packages installed.</summary>
    public static string Native()
    {
        Found(Repository("native", "node_modules", "icebird"), "Packages of native/ (run 'npm ci' in native/)");
        return Repository("native");
    }

    public static string Java() => Program("java");

    public static string Node() => Program("node");

    /// <summary>A script of the folder <c>shared/tools</c> (environment variable PHILOTES_TOOLS), made executable or not.</summary>
    public static string Tool(string name)
    {
        var folder = Environment.GetEnvironmentVariable("PHILOTES_TOOLS") is { Length: > 0 } named ? named : Above("shared", "tools");
        return Found(folder is null ? null : System.IO.Path.Combine(folder, name), $"The tool {name} (PHILOTES_TOOLS, or shared/tools beside the repository)");
    }

    /// <summary>A port on which nobody listens, and which is this process's own until it ends.</summary>
    public static int FreePort() => FreePorts(1);

    /// <summary>
    /// The first of several such ports in a row. They lie below those that the system hands out by itself (ip_local_port_range), so no connection takes one before the program
    /// that it is for does; and each is a locked file, so that neither another run of tests gets it nor this one twice.
    /// </summary>
    public static int FreePorts(int count)
    {
        for (var tries = 0; tries < 1_000; tries++)
        {
            var first = Random.Shared.Next(PortMin, PortMax - count);
            if (Enumerable.Range(first, count).All(Take))
            {
                return first;
            }
        }

        throw new InvalidOperationException($"No {count} free ports in a row.");
    }

    static bool Take(int port)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(System.IO.Path.GetTempPath(), "philotes-ports")).FullName;
        try
        {
            var file = new FileStream(System.IO.Path.Combine(folder, port.ToString(System.Globalization.CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Taken.Add(file);
            return IsFree(port);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody has it.
            return false;
        }
    }

    static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public static string Program(string name)
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(System.IO.Path.PathSeparator) ?? [];
        return Found(folders.Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists), $"The program '{name}'");
    }

    static string? Above(params ReadOnlySpan<string> parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = System.IO.Path.Combine([folder.FullName, .. parts]);
            if (System.IO.Path.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    static string Found(string? path, string what)
    {
        if (path is null || !System.IO.Path.Exists(path))
        {
            Prerequisite.Missing(what);
        }

        return path!;
    }
}
