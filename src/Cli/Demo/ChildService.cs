using System.Diagnostics;

namespace Philotes.Cli.Demo;

/// <summary>
/// A service as a process of its own, its output in a file. It is told to stop by SIGTERM; and because its standard input is a pipe from us
/// that a watcher beside it reads, it is told so however we end.
/// </summary>
sealed class ChildService : IAsyncDisposable
{
    const string Launch = """
        log=$1; shift
        exec 3<&0 </dev/null
        ( (cat <&3 >/dev/null; kill -TERM $$) >/dev/null 2>&1 & )
        exec "$@" 3<&- >>"$log" 2>&1
        """;

    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);
    readonly Process _process;

    ChildService(string name, string logFile, Process process) => (Name, LogFile, _process) = (name, logFile, process);

    public string Name { get; }

    public string LogFile { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public static ChildService Start(string name, IReadOnlyList<string> command, string logFile, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Launch, "sh", logFile, .. command]) { RedirectStandardInput = true };
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        return new ChildService(name, logFile, Process.Start(start)!);
    }

    /// <summary>The last lines that it wrote, for a person to read when it has died.</summary>
    public string LastLines() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(5)) : "";

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
    }
}
