using System.Diagnostics;
using System.Globalization;

namespace Philotes.BatchWriter.Tests;

[Explicit("Measures; run it alone on a quiet machine.")]
public sealed class ThroughputTests
{
    private const int RowCount = 1_000_000;

    [Test]
    public async Task A_million_narrow_rows_from_the_buffer_to_a_committed_changelog()
    {
        await using var bench = await WriterBench.StartAsync();
        var schema = WriterBench.Schema("narrow", 'd',
            ("id", "bigint", true), ("customer", "integer", false), ("amount", "numeric(10,2)", false), ("at", "timestamp with time zone", false), ("name", "text", false));
        for (var from = 0; from < RowCount; from += 50_000)
            await bench.AppendAsync(schema, Enumerable.Range(from, 50_000).Select(Row));
        var runner = bench.Runner();
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();

        await runner.RunUntilIdleAsync(CancellationToken.None);

        var seconds = watch.Elapsed.TotalSeconds;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"processor time {(Process.GetCurrentProcess().TotalProcessorTime - processor).TotalSeconds:F2} s"));
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{RowCount} rows in {seconds:F2} s: {RowCount / seconds:F0} rows/s"));
        Assert.That(await bench.ScalarAsync<long>("select sum(rows_out)::bigint from philotes.table_cursor"), Is.EqualTo(RowCount));
    }

    private static Change Row(int i) => Change.Insert(
        i.ToString(CultureInfo.InvariantCulture), (i % 1000).ToString(CultureInfo.InvariantCulture), $"{i % 100000}.{i % 100:d2}",
        $"2026-01-01 00:{i / 60 % 60:d2}:{i % 60:d2}.{i % 1000000:d6}+00", $"name {i % 5000}");
}
