namespace Philotes.BatchWriter.Tests;

[CancelAfter(120_000)]
public sealed class BatchRunnerTests
{
    [Test]
    public async Task Every_change_is_a_row_that_a_foreign_reader_reads()
    {
        await using var bench = await WriterBench.StartAsync();
        var schema = WriterBench.Schema("customers", 'd', ("id", "integer", true), ("name", "text", false), ("note", "text", false));
        await bench.AppendAsync(schema,
            Change.Insert("1", "Ada", "x"), Change.Update(null, "1", "Ada L.", Tuple.Unchanged), Change.Update(["1", null, null], "2", "Ada L.", "y"),
            Change.Delete("2", null, null), Change.Truncate());

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await bench.ReadAsync("customers");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => row["_cdc_operation"]!.ToString()), Is.EqualTo(new[] { "insert", "update", "update", "delete", "truncate" }));
            Assert.That(rows.Select(row => row["id"]?.ToString()), Is.EqualTo(new[] { "1", "1", "2", "2", null }));
            Assert.That(rows[1]["_cdc_unchanged"]!.ToJsonString(), Is.EqualTo("[\"note\"]"));
            Assert.That(rows[1]["note"], Is.Null);
            Assert.That(rows[2]["_cdc_before"]!.ToJsonString(), Is.EqualTo("{\"id\":1}"));
            Assert.That(rows[0]["_cdc_before"], Is.Null);
            Assert.That(await bench.ScalarAsync<string>("select state from philotes.batch"), Is.EqualTo("committed"));
            Assert.That((await bench.MarkAsync("customers"))!.Sequence, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_batch_is_one_trace_that_the_catalog_goes_on_with()
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<System.Diagnostics.Activity>();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name is "Philotes.BatchWriter" or "Microsoft.AspNetCore",
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) => System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = seen.Add,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        await using var bench = await WriterBench.StartAsync();
        var schema = WriterBench.Schema("traced", 'd', ("id", "integer", true));
        await bench.AppendAsync(schema, Change.Insert("1"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var batch = seen.Single(activity => activity.OperationName == "batch" && Equals(activity.GetTagItem("philotes.table"), "public.traced"));
        var steps = seen.Where(activity => activity.ParentSpanId == batch.SpanId).Select(activity => activity.OperationName).ToList();
        var commit = seen.Single(activity => activity.OperationName == "commit" && activity.ParentSpanId == batch.SpanId);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(steps, Is.EquivalentTo(new[] { "ensure", "encode", "commit" }));
            Assert.That(seen.Where(activity => activity.Source.Name == "Microsoft.AspNetCore" && activity.TraceId == batch.TraceId), Is.Not.Empty, "the catalog's own spans");
            Assert.That(commit.TraceId, Is.EqualTo(batch.TraceId));
        }
    }
}
