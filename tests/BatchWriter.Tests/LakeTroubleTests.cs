using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Types;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests;

/// <summary>
/// A catalog, a table or a store that is not as it should be: the ledger says with a code what, which and what now, nothing is lost, and the
/// batch lands once the trouble is over.
/// </summary>
[CancelAfter(120_000)]
public sealed class LakeTroubleTests
{
    private const string Load = "/tables/";
    private const string Html = "<html><body>Please sign in</body></html>";

    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("total", "numeric(10,2)", false));

    [TestCase("/v1/config", 200, Html, "text/html", "PH303", "Check the catalog and the way to it")]
    [TestCase("/v1/config", 404, Html, "text/html", "PH305", "catalog")]
    [TestCase("/v1/config", 401, "{\"error\":{\"message\":\"no token\",\"type\":\"NotAuthorizedException\",\"code\":401}}", "application/json", "PH312", "credentials")]
    [TestCase(Load, 403, "{\"error\":{\"message\":\"not yours\",\"type\":\"ForbiddenException\",\"code\":403}}", "application/json", "PH312", "not yours")]
    [TestCase(Load, 200, Html, "text/html", "PH303", "Check the catalog and the way to it")]
    [TestCase(Load, 404, Html, "text/html", "PH305", "catalog")]
    [TestCase(Load, 500, "boom", "text/plain", "PH303", "boom")]
    [TestCase(Load, 503, Html, "text/html", "PH303", "503")]
    public async Task A_catalog_that_answers_wrongly_delays_and_says_why(string path, int status, string body, string contentType, string code, string says)
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        for (var i = 0; i < 3; i++)
            proxy.Script(new ProxyFault.AnswerInstead(status, body, contentType), request => request.Target.Contains(path, StringComparison.Ordinal));

        await bench.Runner(proxy.Uri).RunUntilIdleAsync(CancellationToken.None);

        await AssertFailedAsync(bench, code, says);
        await AssertLandsAsync(bench, rows: 1);
    }

    [Test]
    public async Task A_catalog_that_is_down_delays_and_says_why()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));

        await bench.Runner(new Uri("http://127.0.0.1:1")).RunUntilIdleAsync(CancellationToken.None);

        await AssertFailedAsync(bench, "PH303", "http://127.0.0.1:1");
        await AssertLandsAsync(bench, rows: 1);
    }

    [Test]
    public async Task A_table_that_somebody_dropped_blocks_and_is_not_made_anew()
    {
        await using var bench = await WrittenAsync();
        await (await bench.CatalogAsync()).DropTableAsync(Name, CancellationToken.None);

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        await AssertBlockedAsync(bench, "PH304", "is not in the catalog any more. Put it back");
        Assert.That(await (await bench.CatalogAsync()).FindTableAsync(Name, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task A_table_that_somebody_replaced_blocks_and_is_left_alone()
    {
        await using var bench = await WrittenAsync();
        var catalog = await bench.CatalogAsync();
        await catalog.DropTableAsync(Name, CancellationToken.None);
        var schema = new IcebergSchema(0, [new NestedField(1, "id", Required: false, new LongType())]);
        await catalog.CreateTableAsync(new CreateTableRequest(
            Name, schema, PartitionSpec.Parse([], schema), SortOrder.Parse([], schema), new Dictionary<string, string>()), CancellationToken.None);

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        await AssertBlockedAsync(bench, "PH304", "was not made by Philotes. Rename it");
        Assert.That((await bench.LoadAsync("orders")).Metadata.CurrentSnapshotId, Is.Null);
    }

    [Test]
    public async Task A_table_that_somebody_altered_is_written_on()
    {
        await using var bench = await WrittenAsync();
        var table = (await bench.LoadAsync("orders")).Metadata;
        var renamed = table.Schema.Fields.Select(field => field.Name == "total" ? field with { Name = "amount" } : field);
        var next = new IcebergSchema(table.CurrentSchemaId + 1, [.. renamed, new NestedField(table.LastColumnId + 1, "theirs", Required: false, new StringType())]);
        Assert.That(await (await bench.CatalogAsync()).CommitAsync(new CommitRequest(Name, [],
            [new TableUpdate.AddSchema(next, table.LastColumnId + 1), new TableUpdate.SetCurrentSchema(TableUpdate.LastAdded)]), CancellationToken.None), Is.TypeOf<CommitOutcome.Committed>());

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await ForeignReaders.ReadMetadataWithJavaAsync((await bench.LoadAsync("orders")).MetadataLocation!);
        Assert.That(rows, Has.Count.EqualTo(2).And.All.Contains("\"theirs\":null"));
        Assert.That(rows[0], Does.Contain("\"amount\":\"1.10\""));
        Assert.That(rows[1], Does.Contain("\"amount\":\"2.20\""));
    }

    [Test]
    public async Task A_store_that_may_not_be_written_says_who_lacks_what_where()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { Properties = new Dictionary<string, string> { ["write.data.path"] = "file:///sys/philotes" } });
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        await AssertFailedAsync(bench, "PH312", "has no permission for folder '/sys");
        await (await bench.CatalogAsync()).CommitAsync(new CommitRequest(Name, [], [new TableUpdate.RemoveProperties(["write.data.path"])]), CancellationToken.None);
        await AssertLandsAsync(bench, rows: 1);
    }

    [Test]
    public async Task A_temporary_folder_that_may_not_be_written_says_which_setting()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));
        var runner = bench.Runner(options: bench.Options with { Writer = bench.Options.Writer with { TempFolder = "/sys/philotes" } });

        await runner.RunUntilIdleAsync(CancellationToken.None);

        await AssertFailedAsync(bench, "PH313", "writer.temp_folder");
        await AssertLandsAsync(bench, rows: 1);
    }

    [Test]
    public async Task Names_of_every_kind_land_under_the_warehouse_and_are_read_back([Values(
        "we\"ird; drop table x --", "a.b", "..", "../../etc/passwd", "%2e%2e%2F", "ÄÖÜ ünï çødé 名前 🐘 0123456789 abcdefgh", "con")] string name)
    {
        await using var bench = await WriterBench.StartAsync();
        var schema = WriterBench.Schema(name, 'd', ("id", "bigint", true), ($"{name}\n", "text", false));
        await bench.AppendAsync(schema, Change.Insert("1", "value"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<string>("select state || ' ' || coalesce(error_text, '') from philotes.batch"), Is.EqualTo("committed "));
        var table = await (await bench.CatalogAsync()).LoadTableAsync(new TableIdentifier(NamespaceName.Parse("public"), $"{name}_changelog"), CancellationToken.None);
        Assert.That(Path.GetFullPath(new Uri(table.Metadata.Location).LocalPath), Does.StartWith(bench.Warehouse + "/"));
        var java = await ForeignReaders.ReadMetadataWithJavaAsync(table.MetadataLocation!);
        Assert.That(java, Has.Count.EqualTo(1));
        Assert.That(java[0], Does.Contain("\"value\""));
    }

    [Test]
    public async Task A_table_name_that_the_catalog_cannot_hold_is_told_and_its_changes_stay_in_the_buffer()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(WriterBench.Schema("line\nbreak", 'd', ("id", "bigint", true)), Change.Insert("1"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        await AssertFailedAsync(bench, "PH305", "none of them a control character");
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.v_event where status = 'failed'"), Is.EqualTo(1));
    }

    private static TableIdentifier Name => TableIdentifier.Parse("public.orders_changelog");

    /// <summary>One batch is in, another waits.</summary>
    private static async Task<WriterBench> WrittenAsync()
    {
        var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(Orders, Change.Insert("1", "1.10"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(Orders, Change.Insert("2", "2.20"));
        return bench;
    }

    private static async Task AssertFailedAsync(WriterBench bench, string code, string says)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await bench.ScalarAsync<string>("select state || ' ' || error_code from philotes.batch"), Is.EqualTo($"failed {code}"));
            Assert.That(await bench.ScalarAsync<string>("select error_text from philotes.batch"), Does.Contain(says));
        }
    }

    private static async Task AssertBlockedAsync(WriterBench bench, string code, string says)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await bench.ScalarAsync<string>("select state || ' ' || error_code from philotes.batch order by batch_id desc limit 1"), Is.EqualTo($"dead {code}"));
            Assert.That(await bench.ScalarAsync<string>("select error_text from philotes.batch order by batch_id desc limit 1"), Does.Contain(says));
            Assert.That(await bench.ScalarAsync<string>("select state || ' ' || state_reason from philotes.table_cursor"), Is.EqualTo($"blocked {code}"));
        }
    }

    private static async Task AssertLandsAsync(WriterBench bench, int rows)
    {
        await bench.ScalarAsync<long>("update philotes.batch set next_try_at = now() returning batch_id");
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        Assert.That(await bench.ScalarAsync<string>("select state from philotes.batch"), Is.EqualTo("committed"));
        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(rows));
    }
}
