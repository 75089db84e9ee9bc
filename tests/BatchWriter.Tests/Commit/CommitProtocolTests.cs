using System.Text;
using System.Text.Json;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Rest;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Commit;

[CancelAfter(120_000)]
public sealed class CommitProtocolTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("total", "numeric(10,2)", false));

    [Test]
    public async Task A_commit_whose_reply_is_lost_lands_once()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        proxy.Script(new ProxyFault.DropReply(), IsBatch);
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));

        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        await AssertRowsAsync(bench, 1);
        Assert.That(proxy.Requests.Count(IsBatch), Is.EqualTo(1));
    }

    [Test]
    public async Task A_conflict_is_planned_again_on_the_new_head_with_the_same_manifest()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        proxy.Script(new ProxyFault.AnswerInstead(409, "{\"error\":{\"message\":\"moved\",\"type\":\"CommitFailedException\",\"code\":409}}"), IsBatch);
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));

        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        await AssertRowsAsync(bench, 1);
        var metadata = new Uri((await bench.LoadAsync("orders")).Metadata.Location).LocalPath + "/metadata";
        Assert.That(Directory.GetFiles(metadata, "*-m0.avro"), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_table_that_only_this_writer_changes_is_not_sent_again_by_the_catalog()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        var sent = new List<int>();
        proxy.Weather = request => request.Method == "GET" && request.Target.Contains("/tables/", StringComparison.Ordinal)
            ? new ProxyFault.EditReply(reply => { sent.Add(reply.Length); return reply; })
            : null;
        var runner = bench.Runner(proxy.Uri);
        for (var row = 1; row <= 3; row++)
        {
            sent.Clear();
            await bench.AppendAsync(Orders, Change.Insert($"{row}", "1.10"));
            await runner.RunUntilIdleAsync(CancellationToken.None);
        }

        Assert.That(sent, Is.Not.Empty.And.All.Zero);
        await AssertRowsAsync(bench, 3);
    }

    [Test]
    public async Task A_late_zombie_changes_nothing()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        proxy.Script(new ProxyFault.Hold(), IsBatch);
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));
        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(Orders, Change.Insert("2", "2.20"));
        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        var statuses = await proxy.ReleaseHeldAsync();

        Assert.That(statuses, Is.EqualTo(new[] { 409 }));
        await AssertRowsAsync(bench, 2);
    }

    [Test]
    public async Task A_zombie_that_lands_between_the_load_and_the_send_makes_the_send_fail()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        proxy.Script(new ProxyFault.Hold(), IsBatch);
        proxy.Script(new ProxyFault.Meanwhile(proxy.ReleaseHeldAsync), request => request.Method == "GET" && proxy.Requests.Any(IsBatch));
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));

        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        var parents = proxy.Requests.Where(IsBatch).Select(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("requirements").EnumerateArray()
            .Single(requirement => requirement.GetProperty("type").GetString() == "assert-ref-snapshot-id").GetProperty("snapshot-id").GetInt64()).ToList();
        Assert.That(parents, Has.Count.EqualTo(2));
        Assert.That(parents[1], Is.EqualTo(parents[0]), "the head of the load that showed no mark, not of a later look");
        await AssertRowsAsync(bench, 1);
    }

    [Test]
    public async Task A_staged_batch_is_taken_over_with_the_same_files()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        proxy.Script(new ProxyFault.AnswerInstead(403, "{\"error\":{\"message\":\"no\",\"type\":\"ForbiddenException\",\"code\":403}}"), IsBatch);
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"), Change.Insert("2", "-0.01"));
        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);
        Assert.That(await bench.ScalarAsync<string>("select state || ' ' || error_code from philotes.batch"), Is.EqualTo("failed PH312"));
        await bench.ScalarAsync<long>("update philotes.batch set next_try_at = now() returning batch_id");

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        await AssertRowsAsync(bench, 2);
        var data = new Uri((await bench.LoadAsync("orders")).Metadata.Location).LocalPath + "/data";
        Assert.That(Directory.GetFiles(data), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_batch_that_the_table_carries_already_is_finished_without_a_commit()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await bench.ScalarAsync<long>(
            "update philotes.batch set state = 'claimed', files = null, snapshot_id = null, lease_until = now() - interval '1 s' returning batch_id");
        await bench.ScalarAsync<int>("update philotes.table_cursor set committed_seq = 0 returning table_id");
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);

        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        Assert.That(proxy.Requests.Count(IsBatch), Is.Zero);
        await AssertRowsAsync(bench, 1);
    }

    [Test]
    public async Task A_table_without_the_mark_it_should_have_is_blocked_and_the_others_go_on()
    {
        await using var bench = await WriterBench.StartAsync();
        var other = WriterBench.Schema("other", 'd', ("id", "integer", true));
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        var table = await bench.LoadAsync("orders");
        await (await bench.CatalogAsync()).CommitAsync(new CommitRequest(
            table.Identifier, [], [new TableUpdate.RemoveProperties(["philotes.hwm.shop"])]), CancellationToken.None);
        await bench.AppendAsync(Orders, Change.Insert("2", "2.20"));
        await bench.AppendAsync(other, Change.Insert("7"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<string>("select error_code from philotes.batch where state = 'dead'"), Is.EqualTo("PH302"));
        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(1));
        Assert.That(await bench.ReadAsync("other"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_table_that_was_rolled_back_is_blocked()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        var first = (await bench.LoadAsync("orders")).Metadata.CurrentSnapshotId!.Value;
        await bench.AppendAsync(Orders, Change.Insert("2", "2.20"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await (await bench.CatalogAsync()).CommitAsync(new CommitRequest(TableIdentifier.Parse("public.orders_changelog"), [],
            [new TableUpdate.SetSnapshotRef("main", SnapshotRef.Branch(first))]), CancellationToken.None);
        await bench.AppendAsync(Orders, Change.Insert("3", "3.30"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<string>("select error_code from philotes.batch where state = 'dead'"), Is.EqualTo("PH302"));
    }

    [Test]
    public async Task The_same_500_three_times_on_a_head_that_stays_is_a_refusal()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        for (var i = 0; i < 3; i++)
            proxy.Script(new ProxyFault.AnswerInstead(500, "{\"error\":{\"message\":\"Bad Request\",\"type\":\"\",\"code\":500}}"), IsBatch);
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));

        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<string>("select state || ' ' || error_code from philotes.batch"), Is.EqualTo("failed PH305"));
        Assert.That(await bench.ScalarAsync<bool>("select files is not null from philotes.batch"), Is.True);
    }

    private static bool IsBatch(ProxiedRequest request) => request.Method == "POST" && Encoding.UTF8.GetString(request.Body).Contains("philotes.hwm.", StringComparison.Ordinal);

    private static async Task AssertRowsAsync(WriterBench bench, int rows)
    {
        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(rows));
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch where state <> 'committed'"), Is.Zero);
    }
}
