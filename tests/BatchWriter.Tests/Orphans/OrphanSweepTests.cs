using Microsoft.Extensions.Logging.Abstractions;
using Philotes.BatchWriter.Orphans;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Orphans;

/// <summary>Objects that nothing refers to are named exactly, and nothing else is ever removed.</summary>
[CancelAfter(180_000)]
public sealed class OrphanSweepTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true));

    [Test]
    public async Task A_batch_without_trouble_leaves_nothing()
    {
        await using var bench = await WriterBench.StartAsync();
        for (var id = 1; id <= 3; id++)
        {
            await bench.AppendAsync(Orders, Change.Insert($"{id}"));
            await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        }

        var before = Files(bench);
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.written_object where uri like '%.parquet' or uri like '%-m0.avro'"), Is.Zero);
        Assert.That((await Sweep(bench).ListAsync(CancellationToken.None)).Orphans, Is.Empty);
        await Sweep(bench).DeleteAsync(CancellationToken.None);
        Assert.That(Files(bench), Is.EqualTo(before));
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.written_object"), Is.Zero, "the first snapshot's list was found to be referred to");
    }

    [Test]
    public async Task Files_of_an_attempt_that_died_before_the_stage_are_named_and_removed_and_no_other()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(Orders, Change.Insert("2"));
        await DieBeforeStageAsync(bench);
        var dead = Files(bench);
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var listed = (await Sweep(bench).ListAsync(CancellationToken.None)).Orphans;
        var named = listed.Where(orphan => orphan.Bytes is not null).ToList();
        Assert.That(named, Has.Count.EqualTo(1));
        Assert.That(named[0].Kind, Is.EqualTo("data"));
        Assert.That(dead, Does.Contain(new Uri(named[0].Uri).LocalPath));

        var before = Files(bench);
        List<string> noted = [];
        await Sweep(bench).DeleteAsync((uris, _) =>
        {
            Assert.That(Files(bench), Is.EqualTo(before), "the note comes first");
            noted.AddRange(uris);
            return Task.CompletedTask;
        }, CancellationToken.None);
        Assert.That(noted, Is.EquivalentTo(listed.Select(orphan => orphan.Uri)), "and names what goes");
        Assert.That(before.Except(Files(bench)), Is.EqualTo(new[] { new Uri(named[0].Uri).LocalPath }));
        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Lists_of_attempts_that_met_a_conflict_are_removed_and_the_one_that_counted_stays()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        for (var i = 0; i < 3; i++)
            proxy.Script(new ProxyFault.AnswerInstead(409, "{\"error\":{\"message\":\"moved\",\"type\":\"CommitFailedException\",\"code\":409}}"), request => request.Text.Contains("philotes.hwm.", StringComparison.Ordinal));
        await bench.AppendAsync(Orders, Change.Insert("1"));
        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        var orphans = (await Sweep(bench).ListAsync(CancellationToken.None)).Orphans;
        Assert.That(orphans.Select(orphan => orphan.Kind), Is.EqualTo(new[] { "list", "list", "list" }));
        await Sweep(bench).DeleteAsync(CancellationToken.None);
        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(1));
        Assert.That((await Sweep(bench).ListAsync(CancellationToken.None)).Orphans, Is.Empty);
    }

    [Test]
    public async Task Objects_of_a_commit_whose_answer_was_lost_stay()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        proxy.Script(new ProxyFault.DropReply(), request => request.Text.Contains("philotes.hwm.", StringComparison.Ordinal));
        await bench.AppendAsync(Orders, Change.Insert("1"));
        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.written_object where uri like '%.parquet'"), Is.EqualTo(1), "which attempt counted was not known");

        await Sweep(bench).DeleteAsync(CancellationToken.None);

        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Nothing_of_a_batch_that_is_not_over_or_is_young_is_looked_at()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1"));
        await DieBeforeStageAsync(bench);
        Assert.That((await Sweep(bench).ListAsync(CancellationToken.None)).Orphans, Is.Empty, "the batch is claimed");
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        Assert.That((await Sweep(bench, TimeSpan.FromHours(1)).ListAsync(CancellationToken.None)).Orphans, Is.Empty, "it was committed a moment ago");
    }

    [Test]
    public async Task A_table_that_is_gone_from_the_catalog_keeps_everything_and_is_named()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1"));
        await DieBeforeStageAsync(bench);
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        var before = Files(bench);
        await (await bench.CatalogAsync()).DropTableAsync((await bench.LoadAsync("orders")).Identifier, CancellationToken.None);

        var report = await Sweep(bench).ListAsync(CancellationToken.None);
        await Sweep(bench).DeleteAsync(CancellationToken.None);

        Assert.That(report.Orphans, Is.Empty);
        Assert.That(report.Skipped.Single(), Does.Contain("public.orders"));
        Assert.That(Files(bench).Where(file => !file.EndsWith(".json", StringComparison.Ordinal)), Is.EqualTo(before.Where(file => !file.EndsWith(".json", StringComparison.Ordinal))));
    }

    [Test]
    public async Task Nothing_is_written_under_a_claim_that_was_lost()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1"));
        var late = await bench.ClaimAsync(TimeSpan.FromMilliseconds(1));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        var before = Files(bench);

        await bench.Runner().RunAsync(late!, CancellationToken.None);

        Assert.That(Files(bench).Where(file => !file.Contains("metadata.json", StringComparison.Ordinal)), Is.EqualTo(before.Where(file => !file.Contains("metadata.json", StringComparison.Ordinal))));
        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(1));
    }

    /// <summary>A claim whose process wrote its file and died; its lease is over.</summary>
    private static async Task DieBeforeStageAsync(WriterBench bench)
    {
        await using var down = ScriptedProxy.Start(bench.CatalogUri);
        await bench.ScalarAsync<object>("create or replace function philotes.stage_batch(p_batch bigint, p_token bigint, p_files jsonb, p_snapshot bigint, p_request uuid) returns boolean language plpgsql as $$ begin raise exception 'died' using errcode = '57P01'; end $$; select 1 as done");
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await bench.ScalarAsync<object>("""
            create or replace function philotes.stage_batch(p_batch bigint, p_token bigint, p_files jsonb, p_snapshot bigint, p_request uuid) returns boolean language sql as $$
              with u as (update philotes.batch set state = 'committing', files = p_files, snapshot_id = p_snapshot, request_id = p_request
                          where batch_id = p_batch and claim_token = p_token and state in ('claimed','committing') returning 1)
              select exists (select 1 from u);
            $$; update philotes.batch set next_try_at = now() where state = 'failed' returning batch_id
            """);
    }

    private static string[] Files(WriterBench bench) => [.. Directory.EnumerateFiles(bench.Warehouse, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/temp/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static OrphanSweep Sweep(WriterBench bench, TimeSpan? age = null)
    {
        var options = bench.Options with { Writer = bench.Options.Writer with { OrphanAge = age ?? TimeSpan.Zero }, Lake = bench.Options.Lake with { Catalog = new Hosting.LakeCatalogOptions { Uri = bench.CatalogUri } } };
        return new OrphanSweep(options, bench.Buffer, new Lake(options, bench.Buffer, TimeProvider.System, bench.Metrics, NullLogger<Lake>.Instance), TimeProvider.System);
    }
}
