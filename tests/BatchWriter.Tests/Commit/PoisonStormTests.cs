using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests.Commit;

[CancelAfter(120_000)]
public sealed class PoisonStormTests
{
    [Test]
    public async Task A_batch_of_which_most_cannot_be_held_stops_its_table_and_parks_nothing()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { OnOutside = OnOutside.Reject });
        var table = WriterBench.Schema("days", 'd', ("id", "bigint", true), ("day", "date", false));
        await bench.AppendAsync(table, Enumerable.Range(1, 200).Select(id => Change.Insert($"{id}", id % 10 == 0 ? "2024-01-01" : "infinity")));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<string>("select state || ' ' || error_code from philotes.batch"), Is.EqualTo("dead PH410"));
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.dead_letter"), Is.Zero);
        Assert.That(await bench.ScalarAsync<string>("select state from philotes.table_cursor"), Is.EqualTo("blocked"));
    }
}
