using System.Globalization;
using Philotes.Iceberg.Rest;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Commit;

/// <summary>Other engines and other writers at work on the same tables, and a lake that is away for a while.</summary>
[CancelAfter(240_000)]
public sealed class ForeignCommitsTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true));

    [Test]
    public async Task Expiry_of_all_but_the_newest_snapshot_after_every_commit_does_not_lose_the_mark()
    {
        await using var bench = await WriterBench.StartAsync();
        for (var id = 1; id <= 4; id++)
        {
            await bench.AppendAsync(Orders, Change.Insert($"{id}"));
            await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
            var table = await bench.LoadAsync("orders");
            long[] older = [.. table.Metadata.Snapshots.Select(snapshot => snapshot.SnapshotId).Where(snapshot => snapshot != table.Metadata.CurrentSnapshotId)];
            await (await bench.CatalogAsync()).CommitAsync(new CommitRequest(table.Identifier, [], [new TableUpdate.RemoveSnapshots(older)]), CancellationToken.None);
        }

        await AssertRowsAsync(bench, "orders", 4);
    }

    [Test]
    public async Task Expiry_of_every_snapshot_of_ours_behind_a_foreign_head_does_not_lose_the_mark()
    {
        await using var bench = await WriterBench.StartAsync();
        for (var id = 1; id <= 3; id++)
        {
            await bench.AppendAsync(Orders, Change.Insert($"{id}"));
            await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
            await ForeignAsync(bench, "orders");
            var table = await bench.LoadAsync("orders");
            long[] older = [.. table.Metadata.Snapshots.Select(snapshot => snapshot.SnapshotId).Where(snapshot => snapshot != table.Metadata.CurrentSnapshotId)];
            await (await bench.CatalogAsync()).CommitAsync(new CommitRequest(table.Identifier, [], [new TableUpdate.RemoveSnapshots(older)]), CancellationToken.None);
        }

        await AssertRowsAsync(bench, "orders", 3);
    }

    [Test]
    public async Task Foreign_snapshots_branches_tags_and_properties_between_ours_are_kept_and_change_nothing()
    {
        await using var bench = await WriterBench.StartAsync();
        for (var id = 1; id <= 4; id++)
        {
            await bench.AppendAsync(Orders, Change.Insert($"{id}"));
            await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
            await ForeignAsync(bench, "orders");
            var table = await bench.LoadAsync("orders");
            await (await bench.CatalogAsync()).CommitAsync(new CommitRequest(table.Identifier, [], [
                new TableUpdate.SetSnapshotRef($"tag{id}", Iceberg.Metadata.SnapshotRef.Branch(table.Metadata.CurrentSnapshotId!.Value)),
                new TableUpdate.SetProperties(new Dictionary<string, string> { ["theirs"] = $"{id}" }),
            ]), CancellationToken.None);
        }

        await AssertRowsAsync(bench, "orders", 4);
        var last = (await bench.LoadAsync("orders")).Metadata;
        Assert.That(last.Properties["theirs"], Is.EqualTo("4"));
        Assert.That(last.Refs.Keys, Is.SupersetOf(new[] { "main", "tag1", "tag4" }));
    }

    [Test]
    public async Task A_compactor_that_commits_all_the_time_does_not_starve_appends()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var commits = 0;
        var foreign = CompactAsync();
        var rows = 1;
        while (rows < 8 || (Volatile.Read(ref commits) <= 5 && rows < 500))
        {
            await bench.AppendAsync(Orders, Change.Insert($"{++rows}"));
            await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        }

        await stop.CancelAsync();
        await foreign;
        Assert.That(commits, Is.GreaterThan(5), $"commits of the compactor between {rows} rows");
        await AssertRowsAsync(bench, "orders", rows);

        async Task CompactAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (!stop.IsCancellationRequested)
            {
                if (await ForeignAsync(bench, "orders"))
                    Interlocked.Increment(ref commits);
                try
                {
                    await timer.WaitForNextTickAsync(stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    [Test]
    public async Task Many_writers_on_many_tables_write_each_row_once_and_in_order()
    {
        await using var bench = await WriterBench.StartAsync();
        var tables = Enumerable.Range(0, 8).Select(number => WriterBench.Schema($"many{number}", 'd', ("id", "bigint", true))).ToArray();
        var writers = Enumerable.Range(0, 6).Select(_ => bench.Runner()).ToArray();
        for (var round = 1; round <= 3; round++)
        {
            foreach (var table in tables)
                await bench.AppendAsync(table, Change.Insert($"{round}"));
            await Task.WhenAll(writers.Select(writer => writer.RunUntilIdleAsync(CancellationToken.None)));
        }

        foreach (var table in tables)
            await AssertRowsAsync(bench, table.Name.Table, 3);
    }

    [Test]
    public async Task An_outage_of_the_catalog_parks_nothing_blocks_nothing_and_is_caught_up()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        var runner = bench.Runner(proxy.Uri);
        for (var id = 1; id <= 5; id++)
        {
            for (var i = 0; i < 4; i++)
                proxy.Script(i % 2 == 0 ? new ProxyFault.AnswerInstead(503, "<html>down</html>", "text/html") : new ProxyFault.DropRequest(), request => request.Method == "GET");
            await bench.AppendAsync(Orders, Change.Insert($"{id}"));
            for (var tries = 0; tries < 6; tries++)
            {
                await runner.RunUntilIdleAsync(CancellationToken.None);
                await bench.ScalarAsync<long>("with due as (update philotes.batch set next_try_at = now() where state = 'failed' returning 1) select count(*) from due");
            }
        }

        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.dead_letter"), Is.Zero);
        Assert.That(await bench.ScalarAsync<string>("select string_agg(distinct state, ',') from philotes.table_cursor"), Is.EqualTo("active"));
        await AssertRowsAsync(bench, "orders", 5);
    }

    /// <summary>A snapshot of another engine: the same files under another id, as a rewrite of metadata makes it.</summary>
    private static async Task<bool> ForeignAsync(WriterBench bench, string name)
    {
        var table = await bench.LoadAsync(name);
        var head = table.Metadata.CurrentSnapshot!;
        var foreign = head with
        {
            SnapshotId = Random.Shared.NextInt64(1, long.MaxValue),
            ParentSnapshotId = head.SnapshotId,
            SequenceNumber = table.Metadata.LastSequenceNumber + 1,
            TimestampMs = Math.Max(head.TimestampMs + 1, table.Metadata.LastUpdatedMs),
            Summary = new Dictionary<string, string> { ["operation"] = "replace" },
        };
        return await (await bench.CatalogAsync()).CommitAsync(
            new CommitRequest(table.Identifier, TableRequirement.UnchangedHead(table.Metadata), TableUpdate.AppendToMain(foreign, table.Metadata.MainRef)), CancellationToken.None) is CommitOutcome.Committed;
    }

    private static async Task AssertRowsAsync(WriterBench bench, string table, int rows)
    {
        Assert.That((await bench.ReadAsync(table)).Select(row => row["id"]!.ToString()), Is.EqualTo(Enumerable.Range(1, rows).Select(id => id.ToString(CultureInfo.InvariantCulture))));
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch where state <> 'committed'"), Is.Zero);
    }
}
