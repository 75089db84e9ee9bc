using System.Text.Json;
using Philotes.Testing;

namespace Philotes.Exactness.Tests;

/// <summary>
/// The set of tables whose every value and change is known (folder <c>exact</c> beside the peers): statements to run, rows that must come out, and the
/// program that compares. Unpacked into a folder of its own.
/// </summary>
internal sealed class KnownTables : IDisposable
{
    private readonly string _folder;

    private KnownTables(string folder)
    {
        _folder = folder;
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Expected, "tables.json")));
        Tables = [.. json.RootElement.EnumerateArray().Select(table => new KnownTable(
            table.GetProperty("key").GetString()!, table.GetProperty("schema").GetString()!, table.GetProperty("source_table").GetString()!))];
    }

    public IReadOnlyList<KnownTable> Tables { get; }

    public string Expected => Path.Combine(_folder, "expected");

    /// <summary>Where the readers' rows go; empty at first.</summary>
    public string Actual => Directory.CreateDirectory(Path.Combine(_folder, "actual")).FullName;

    public static async Task<KnownTables> UnpackAsync()
    {
        var archive = Peers.Beside("exact", "open.tar.gz");
        var folder = Directory.CreateTempSubdirectory("philotes-exact-").FullName;
        await ChildProcess.RunAsync("tar", ["xzf", archive, "-C", folder]);
        return new KnownTables(folder);
    }

    /// <summary>The statements of <c>create</c>, <c>before</c> or <c>during</c>, in order, each with the number of its session.</summary>
    public IEnumerable<(int Session, string Sql)> Statements(string part)
    {
        foreach (var line in File.ReadLines(Path.Combine(_folder, $"{part}.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            yield return (json.RootElement.GetProperty("session").GetInt32(), json.RootElement.GetProperty("sql").GetString()!);
        }
    }

    /// <summary>What the comparing program says, and its verdicts as it counted them.</summary>
    public async Task<(string Report, IReadOnlyDictionary<string, int> Verdicts)> ScoreAsync(IEnumerable<KnownTable> judged)
    {
        var json = Path.Combine(_folder, "report.json");
        // It ends with 1 where anything is wrong; what it found is in the report either way.
        var report = await ChildProcess.RunAsync("bash",
            ["-c", "python3 \"$0\" \"$@\" || [ -f \"${@: -1}\" ]", Peers.Beside("exact", "score.py"), "--expected", Expected, "--actual", Actual, "--mode", "changelog", "--problems", "20", "--only", string.Join(',', judged.Select(table => table.Key)), "--json", json],
            new Dictionary<string, string> { ["PYTHONDONTWRITEBYTECODE"] = "1" });
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(json));
        return (report, document.RootElement.GetProperty("overall").EnumerateObject().ToDictionary(verdict => verdict.Name, verdict => verdict.Value.GetInt32()));
    }

    public void Dispose()
    {
        // PHILOTES_KEEP=1 leaves everything of a failed run to be looked at.
        if (Environment.GetEnvironmentVariable("PHILOTES_KEEP") != "1")
            Directory.Delete(_folder, recursive: true);
        else
            TestContext.Out.WriteLine($"kept: {_folder}");
    }
}
