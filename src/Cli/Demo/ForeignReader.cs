using System.Diagnostics;
using System.Text.Json;
using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>icebird, an Iceberg reader in JavaScript that we did not write, run by Node.</summary>
sealed class ForeignReader
{
    readonly string _native;

    ForeignReader(string native) => _native = native;

    /// <exception cref="PhilotesException">Node or the packages of <c>native/</c> are not there.</exception>
    public static ForeignReader Find()
    {
        if (!ChildPrograms.IsOnPath("node"))
            throw new PhilotesException("PH603", "The demo reads the lake with a reader that is not ours, icebird, and needs 'node' (Node.js 20 or newer) on the PATH.");
        return new ForeignReader(ChildPrograms.NativeFolder() ?? throw new PhilotesException(
            "PH603", "The packages of native/ are not installed; run './build.sh native', or 'npm ci' in native/."));
    }

    /// <summary>Every row in the source's order: operation, values, old key. Values are text; see read-table.mjs.</summary>
    public async Task<IReadOnlyList<LakeRow>> ReadAsync(string metadataLocation, CancellationToken cancellationToken)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Demo", "read-table.mjs");
        var start = new ProcessStartInfo("node", [script, _native, metadataLocation]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        List<LakeRow> rows = [];
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
                rows.Add(LakeRow.Parse(line));
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
        return process.ExitCode == 0 ? rows : throw new PhilotesException("PH603", $"icebird could not read {metadataLocation}: {(await errors).Trim()}");
    }
}
