using System.Diagnostics;

namespace Philotes.Testing;

/// <summary>
/// The reference reader as one Java process for all reads of a test assembly: starting it takes two seconds of CPU, a read much less. It ends
/// when its standard input does, so with the assembly, however that ends.
/// </summary>
internal static class JavaReader
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly SemaphoreSlim Turn = new(1, 1);
    private static Process? _process;

    /// <summary>Runs one job and returns what the reader wrote.</summary>
    /// <exception cref="InvalidOperationException">The reader refused; its words.</exception>
    public static async Task<string> ReadAsync(IEnumerable<string> arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            var error = await RunAsync(file, arguments);
            return error is null ? await File.ReadAllTextAsync(file) : throw new InvalidOperationException(error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs one job into a file; returns the reader's complaint, or null.</summary>
    public static async Task<string?> RunAsync(string file, IEnumerable<string> arguments)
    {
        await Turn.WaitAsync();
        try
        {
            var process = _process is { HasExited: false } running ? running : _process = Start();
            await process.StandardInput.WriteLineAsync(string.Join('\t', [file, .. arguments]));
            await process.StandardInput.FlushAsync();
            using var limit = new CancellationTokenSource(Limit);
            var answer = await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException($"The Java reader ended with {process.ExitCode}.");
            return answer == $"ok {file}" ? null : answer;
        }
        catch (OperationCanceledException)
        {
            _process!.Kill();
            _process = null;
            throw new TimeoutException($"The Java reader gave no answer within {Limit}.");
        }
        finally
        {
            Turn.Release();
        }
    }

    private static Process Start()
    {
        Peers.Java();
        return Process.Start(new ProcessStartInfo("bash", [Peers.Path("dump-many.sh")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
    }
}
