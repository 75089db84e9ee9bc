using System.Globalization;
using System.Security.Cryptography;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests.Files;

/// <summary>Copied rows of many kilobytes in an encoder that has little memory: they are written at the first attempt, sorted where that is possible, and the log says where it is not.</summary>
[CancelAfter(180_000)]
public sealed class WideCopyTests
{
    private const int RowCount = 9_000;
    private const int WidthBytes = 7_000;
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("body", "text", false));

    [Test]
    public async Task Rows_too_wide_for_the_memory_are_written_unsorted_and_the_log_says_so()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { Sort = ["id desc"] });
        var log = await CopyAsync(bench);

        Assert.That(log.Lines, Has.One.Contains("of public.orders is written without the table's sort order"));
        await AssertCommittedAtOnceAsync(bench);
    }

    [Test]
    public async Task Rows_that_are_not_sorted_need_no_more_memory_than_a_row_group()
    {
        await using var bench = await WriterBench.StartAsync();
        var log = await CopyAsync(bench);

        Assert.That(log.Lines, Has.None.Contains("sort order"));
        await AssertCommittedAtOnceAsync(bench);
    }

    private static async Task<LogLines<BatchRunner>> CopyAsync(WriterBench bench)
    {
        for (var first = 1; first <= RowCount; first += 1_000)
            await bench.AppendAsync(Orders, Enumerable.Range(first, 1_000).Select(id => new Change(ChangeKind.Read, null, Tuple.Of(id.ToString(CultureInfo.InvariantCulture), Body()))));
        await bench.ScalarAsync<long>("with copied as (update philotes.chunk set copied = true returning 1) select count(*) from copied");
        var log = new LogLines<BatchRunner>();
        var options = bench.Options with { Writer = bench.Options.Writer with { Memory = ByteSize.FromMebibytes(128) } };
        await bench.Runner(options: options, log: log).RunUntilIdleAsync(CancellationToken.None);
        foreach (var line in log.Lines)
            TestContext.Out.WriteLine(line);
        return log;
    }

    private static string Body() => Convert.ToHexString(RandomNumberGenerator.GetBytes(WidthBytes / 2));

    private static async Task AssertCommittedAtOnceAsync(WriterBench bench)
    {
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch where state <> 'committed' or attempt > 1"), Is.Zero);
        var rows = await bench.ReadAsync("orders");
        Assert.That(rows.Select(row => long.Parse(row["id"]!.ToString(), CultureInfo.InvariantCulture)).Order(), Is.EqualTo(Enumerable.Range(1, RowCount).Select(id => (long)id)));
        Assert.That(rows.Select(row => row["body"]!.ToString().Length), Has.All.EqualTo(WidthBytes));
    }
}
