using System.Text.Json;
using System.Text.RegularExpressions;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>The demo as a person runs it: what it leaves running can be read by three foreign readers, and Ctrl-C ends all of it.</summary>
[NonParallelizable]
public sealed partial class DemoTests
{
    private static readonly (string Table, string Filter, string Where)[] Reads =
    [
        ("customers", "id < 50", "id < 50"), ("orders", "_cdc_seq < 3", "_cdc_seq < 3"), ("order_lines", "quantity < 100", "quantity < 100"),
        ("events", "_cdc_seq < 10", "_cdc_seq < 10"), ("Gift \"Cards\"", "_cdc_seq = 0", "_cdc_seq = 0"),
    ];

    [Test]
    [CancelAfter(500_000)]
    public async Task What_the_demo_keeps_is_read_alike_by_every_reader_and_ends_with_Ctrl_C(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"philotes-demo-{Guid.NewGuid():N}");
        try
        {
            await using var demo = ProgramProcess.Run(
                "Cli", Programs.Find("Cli"), failpoints: null, "demo", "--keep", "--seconds", "4", "--folder", folder);
            await Until.TrueAsync(
                () => Task.FromResult(demo.HasExited ? throw new InvalidOperationException(demo.Output) : demo.Output.Contains("Ctrl-C ends it all.", StringComparison.Ordinal)),
                () => demo.Output, cancellationToken);
            var ports = LocalPort().Matches(demo.Output).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Distinct().ToList();
            Assert.That(ports, Has.Count.EqualTo(3), "Postgres, catalog and metrics");
            Assert.That(demo.Output, Does.Contain("Existing rows are copied: 200,000 rows of ").And.Contain("The lake holds exactly what the source did."));
            Assert.That(Leftovers.ProcessesOf(folder), Has.Count.GreaterThan(2), "Postgres and the two programs must run on");
            using (Assert.EnterMultipleScope())
            {
                foreach (var (table, filter, where) in Reads)
                {
                    await CompareAsync(CatalogUri().Match(demo.Output).Groups[1].Value, table, filter, where, cancellationToken);
                }
            }

            var exitCode = await demo.InterruptAsync(cancellationToken);

            Assert.That(exitCode, Is.Zero, demo.Output);
            await Leftovers.NoneAsync(folder, ports, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(string catalog, string table, string filter, string where, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{catalog}v1/namespaces/shop/tables/{Uri.EscapeDataString(table + "_changelog")}"), cancellationToken));
        var metadata = json.RootElement.GetProperty("metadata-location").GetString()!;
        foreach (var filtered in new[] { false, true })
        {
            var what = filtered ? $"{table} where {filter}" : table;
            var java = await ForeignReaders.ReadMetadataWithJavaAsync(metadata, filtered ? filter : null);
            var duckDb = await ForeignReaders.ReadWithDuckDbAsync(new Uri(metadata).LocalPath, "shop.t", filtered ? where : null);
            var icebird = await ForeignReaders.ReadWithIcebirdAsync(metadata, filtered ? filter : null);
            Assert.That(java, Is.Not.Empty, what);
            Assert.That(FirstDifference(duckDb, java), Is.Null, $"DuckDB's extension, {what}");
            Assert.That(FirstDifference(Comparable(icebird), Comparable(java)), Is.Null, $"icebird, {what}");
        }
    }

    private static string? FirstDifference(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        var at = Enumerable.Range(0, Math.Min(left.Count, right.Count)).Where(i => left[i] != right[i]).Select(i => (int?)i).FirstOrDefault();
        return at is { } i ? $"row {i}: {left[i]} and {right[i]}" : left.Count == right.Count ? null : $"{left.Count} and {right.Count} rows";
    }

    /// <summary>Without what icebird does not carry exactly: microseconds, and binary, which it decodes as if it were text.</summary>
    private static List<string> Comparable(IReadOnlyList<string> lines) => [.. lines.Select(line =>
    {
        using var json = JsonDocument.Parse(line);
        return string.Join('|', json.RootElement.EnumerateObject()
            .Where(column => column.Name is not ("_cdc_timestamp" or "picture"))
            .Select(column => $"{column.Name}={column.Value.GetRawText()}"));
    }).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"127\.0\.0\.1(?::| -p )(\d+)")]
    private static partial Regex LocalPort();

    [GeneratedRegex(@"curl (http://127\.0\.0\.1:\d+/)v1/namespaces")]
    private static partial Regex CatalogUri();
}
