using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Philotes.Hosting.Embedded;

/// <summary>What .NET does not say about processes: signals, parents, zombies.</summary>
internal static class Processes
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Killed = 9;

    public static void Signal(int processId, int signal) => _ = SendSignal(processId, signal);

    public static bool IsRoot => OperatingSystem.IsLinux() && EffectiveUser() == 0;

    /// <summary>True for a live process, false for one that is gone or a zombie.</summary>
    public static bool Runs(int processId)
    {
        if (!OperatingSystem.IsLinux())
        {
            return SendSignal(processId, 0) == 0;
        }

        return Stat(processId) is { } stat && stat.State is not ('Z' or 'X');
    }

    /// <summary>Whether the process's working folder is <paramref name="folder"/>; true where that cannot be known.</summary>
    public static bool WorksIn(int processId, string folder)
    {
        try
        {
            var link = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/cwd")).LinkTarget;
            return link is null || Path.GetFullPath(link) == Path.GetFullPath(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    public static IReadOnlyList<int> ChildrenOf(int processId)
    {
        if (!Directory.Exists("/proc"))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && Stat(id)?.Parent == processId)];
    }

    /// <summary>Runs a program to its end and throws with what it said unless it exits with 0.</summary>
    public static async Task RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var said = await output + await error;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {said.Trim()}");
        }
    }

    // /proc/<id>/stat: id (name, which may hold anything) state parent ...
    private static (char State, int Parent)? Stat(int processId)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            var rest = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (rest[0][0], int.Parse(rest[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint EffectiveUser();
}
