using System.Globalization;
using Philotes.Hosting;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Commit;

/// <summary>Many tables, of which some fail; few rows, of which few files are made; many commits, of which little stays.</summary>
[CancelAfter(240_000)]
public sealed class ManyTablesTests
{
    [Test]
    public async Task Of_twenty_tables_those_that_fail_are_tried_again_and_no_other_is_written_twice()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        TableSchema[] tables = [.. Enumerable.Range(0, 20).Select(i => WriterBench.Schema(string.Create(CultureInfo.InvariantCulture, $"t{i}"), 'd', ("id", "bigint", true)))];
        foreach (var table in tables)
            await bench.AppendAsync(table, Change.Insert("1"), Change.Insert("2"));
        var commits = 0;
        proxy.Weather = request => request.Method == "POST" && request.Text.Contains("philotes.hwm.", StringComparison.Ordinal) && Interlocked.Increment(ref commits) % 3 == 0
            ? new ProxyFault.AnswerInstead(403, """{"error":{"message":"not now","type":"ForbiddenException","code":403}}""") : null;

        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch where state = 'failed'"), Is.EqualTo(6), "every third of twenty");
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch where state = 'committed'"), Is.EqualTo(14));
        proxy.Weather = null;
        await bench.ScalarAsync<long>("with due as (update philotes.batch set next_try_at = now() where state = 'failed' returning 1) select count(*) from due");
        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);
        foreach (var table in tables)
            Assert.That((await bench.LoadAsync(table.Name.Table)).Metadata.CurrentSnapshot!.Summary["total-records"], Is.EqualTo("2"), table.Name.Table);
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch"), Is.EqualTo(20));
    }

    [Test]
    public async Task Changes_that_trickle_in_are_one_file_and_one_commit_a_table()
    {
        await using var bench = await WriterBench.StartAsync();
        var options = bench.Options with { Defaults = bench.Options.Defaults with { Commit = new CommitOptions { MinRows = 5, MaxAge = TimeSpan.FromDays(100_000) } } };
        var runner = bench.Runner(options: options);
        TableSchema[] tables = [.. Enumerable.Range(0, 10).Select(i => WriterBench.Schema(string.Create(CultureInfo.InvariantCulture, $"t{i}"), 'd', ("id", "bigint", true)))];
        for (var id = 1; id <= 5; id++)
        {
            Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch"), Is.Zero, "too few and too young");
            foreach (var table in tables)
                await bench.AppendAsync(table, Change.Insert($"{id}"));
            await runner.RunUntilIdleAsync(CancellationToken.None);
        }

        foreach (var table in tables)
        {
            var metadata = (await bench.LoadAsync(table.Name.Table)).Metadata;
            Assert.That((metadata.CurrentSnapshot!.Summary["total-records"], metadata.CurrentSnapshot.Summary["total-data-files"]), Is.EqualTo(("5", "1")), table.Name.Table);
        }

        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch"), Is.EqualTo(tables.Length));
    }

    [Test]
    public async Task Many_commits_leave_as_many_earlier_versions_of_the_metadata_as_the_table_says()
    {
        var few = new Dictionary<string, string> { ["write.metadata.previous-versions-max"] = "5" };
        await using var bench = await WriterBench.StartAsync(rule => rule with { Properties = few });
        var orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true));
        var runner = bench.Runner();
        for (var id = 1; id <= 12; id++)
        {
            await bench.AppendAsync(orders, Change.Insert($"{id}"));
            await runner.RunUntilIdleAsync(CancellationToken.None);
        }

        var table = (await bench.LoadAsync("orders")).Metadata;
        Assert.That(Directory.GetFiles(new Uri(table.Location).LocalPath + "/metadata", "*.metadata.json"), Has.Length.EqualTo(6), "the current one and five before it");
        Assert.That(table.Document.GetProperty("metadata-log").GetArrayLength(), Is.EqualTo(5));
        Assert.That(table.Properties["write.metadata.delete-after-commit.enabled"], Is.EqualTo("true"), "which every table of ours is made with");
        Assert.That(table.CurrentSnapshot!.Summary["total-records"], Is.EqualTo("12"));
    }
}
