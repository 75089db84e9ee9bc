using System.Diagnostics;
using System.Text;

namespace Philotes.Testing;

/// <summary>One of Philotes' programs as the real process that a person runs, started from its build output. Killed by its id alone.</summary>
public sealed class ProgramProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ProgramProcess(string project, Process process)
    {
        Project = project;
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Project { get; }

    public int Id => _process.Id;

    /// <summary>Whether we asked it to end.</summary>
    public bool WasTerminated { get; private set; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>The last 200,000 characters that it printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <param name="project">Folder under src; the program's name follows from it.</param>
    /// <param name="failpoints">PHILOTES_FAILPOINTS of the process, if any.</param>
    public static ProgramProcess Start(string project, string configurationFile, string? failpoints = null, params string[] arguments) =>
        Run(project, Programs.Find(project), failpoints, ["--config", configurationFile, .. arguments]);

    /// <summary>A program by the path of its library, with any arguments. SIGINT ends it, also where the tests run in the background.</summary>
    public static ProgramProcess Run(string project, string library, string? failpoints, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", library, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["PHILOTES_FAILPOINTS"] = failpoints ?? "";
        // Two real processes on two cores: tiered compilation is what makes a restart after a kill quick.
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new ProgramProcess(project, Process.Start(start)!);
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an init system stops a service; returns the exit code.</summary>
    public Task<int> TerminateAsync(CancellationToken cancellationToken) => SignalAsync("-TERM", cancellationToken);

    /// <summary>SIGINT, as Ctrl-C at a terminal; returns the exit code.</summary>
    public Task<int> InterruptAsync(CancellationToken cancellationToken) => SignalAsync("-INT", cancellationToken);

    private async Task<int> SignalAsync(string signal, CancellationToken cancellationToken)
    {
        WasTerminated = true;
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > 200_000)
            {
                _output.Remove(0, _output.Length - 100_000);
            }
        }
    }
}
