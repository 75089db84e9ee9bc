using Philotes.Hosting;

namespace Philotes.BatchWriter.Tests;

/// <summary>Each table is committed by its own limits, not by the defaults.</summary>
[CancelAfter(120_000)]
public sealed class LimitTests
{
    [TestCase("rows", 10, 1L << 40, 9, 10)]
    [TestCase("bytes", 1_000_000, 4_096L, 5, 100)]
    public async Task A_table_waits_until_its_own_limit_is_reached(string what, int minRows, long minBytes, int few, int enough)
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with
        {
            Commit = new CommitRule { MinRows = minRows, MinBytes = new ByteSize(minBytes), MaxAge = TimeSpan.FromDays(20_000) },
        });
        var schema = WriterBench.Schema(what, 'd', ("id", "bigint", true), ("note", "text", false));
        await bench.AppendAsync(schema, Enumerable.Range(0, few).Select(i => Change.Insert($"{i}", "x")));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch"), Is.Zero);

        await bench.AppendAsync(schema, Enumerable.Range(few, enough - few).Select(i => Change.Insert($"{i}", "x")));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<string>("select state || ' ' || row_count from philotes.batch"), Is.EqualTo($"committed {enough}"));
        Assert.That(await bench.ScalarAsync<bool>("select bytes_out = bytes_in from philotes.table_cursor join philotes.table_head using (table_id)"), Is.True);
    }

    [Test]
    public async Task A_batch_is_not_larger_than_its_table_allows()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { Commit = new CommitRule { MaxRows = 10 } });
        var schema = WriterBench.Schema("small", 'd', ("id", "bigint", true));
        for (var transaction = 0; transaction < 5; transaction++)
            await bench.AppendAsync(schema, Enumerable.Range(transaction * 5, 5).Select(i => Change.Insert($"{i}")));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<string>("select string_agg(row_count::text, ' ' order by batch_id) from philotes.batch"), Is.EqualTo("10 10 5"));
    }
}
