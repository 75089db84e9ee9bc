using Npgsql;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Stores;

/// <summary>The tables of a SQL catalog, opened by the writer itself: no server of HTTP takes part, and others who open them see the same tables.</summary>
[CancelAfter(180_000)]
public sealed class SqlCatalogTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("note", "text", false));

    [Test]
    public async Task A_table_written_without_a_server_is_the_same_table_through_one()
    {
        await using var bench = await WriterBench.StartAsync();
        var runner = bench.Runner(change: _ => bench.Options.Lake with { Catalog = Sql(bench, $"file://{bench.Warehouse}") });
        await bench.AppendAsync(Orders, Change.Insert("1", "größe"));
        await runner.RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("note", "text", false), ("more", "integer", false)), Change.Insert("2", "b", "7"));
        await runner.RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(2), "by the embedded catalog on the same database, and icebird");
        await bench.AppendAsync(Orders, Change.Insert("3", "by http"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(Orders, Change.Insert("4", "by sql again"));
        await runner.RunUntilIdleAsync(CancellationToken.None);
        Assert.That((await bench.ReadAsync("orders")).Select(row => row["id"]!.ToString()), Is.EqualTo(new[] { "1", "2", "3", "4" }));
        Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.batch where state <> 'committed' or attempt > 1"), Is.Zero);
    }

    [Test]
    public async Task Javas_jdbc_catalog_opens_it_changes_it_and_the_writer_goes_on()
    {
        await using var bench = await WriterBench.StartAsync();
        var runner = bench.Runner(change: lake => lake with { Catalog = Sql(bench, $"file://{bench.Warehouse}") });
        await bench.AppendAsync(Orders, Change.Insert("1", "größe"));
        await runner.RunUntilIdleAsync(CancellationToken.None);
        await using var java = await ReferenceCatalog.StartOnAsync(bench.CatalogConnection, $"file://{bench.Warehouse}");
        using var theirs = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = java.Uri }, CancellationToken.None);
        var table = await theirs.LoadTableAsync(TableIdentifier.Parse("public.orders_changelog"), CancellationToken.None);
        var changed = await theirs.CommitAsync(
            new CommitRequest(table.Identifier, TableRequirement.UnchangedHead(table.Metadata), [new TableUpdate.SetProperties(new Dictionary<string, string> { ["by"] = "java" })]), CancellationToken.None);
        Assert.That(changed, Is.TypeOf<CommitOutcome.Committed>());
        await bench.AppendAsync(Orders, Change.Insert("2", "behind it"));
        await runner.RunUntilIdleAsync(CancellationToken.None);

        var rows = await ForeignReaders.ReadWithDuckDbAsync(java.Uri.ToString().TrimEnd('/'), "public.orders_changelog", where: null);
        Assert.That(rows, Has.Count.EqualTo(2).And.Some.Contains("größe").And.Some.Contains("behind it"));
        Assert.That((await bench.LoadAsync("orders")).Metadata.Properties["by"], Is.EqualTo("java"));
    }

    [Test]
    public async Task Its_tables_may_lie_on_S3()
    {
        var store = await S3Server.SharedAsync();
        var bucket = await store.CreateBucketAsync();
        await using var bench = await WriterBench.StartOnAsync(store, bucket);
        await bench.AppendAsync(Orders, Change.Insert("1", "a"));
        await bench.Runner(change: lake => lake with { Catalog = Sql(bench, $"s3://{bucket}/lake") }).RunUntilIdleAsync(CancellationToken.None);

        var rows = await ForeignReaders.ReadWithDuckDbAsync(bench.CatalogUri.ToString().TrimEnd('/'), "public.orders_changelog", where: null, store);
        Assert.That(rows, Has.Count.EqualTo(1));
        Assert.That(await store.KeysAsync(bucket), Has.All.StartsWith("lake/public/"));
    }

    [Test]
    public async Task A_database_that_is_away_delays_and_is_found_again()
    {
        await using var bench = await WriterBench.StartAsync();
        var catalog = Sql(bench, $"file://{bench.Warehouse}");
        await bench.AppendAsync(Orders, Change.Insert("1", "a"));
        await bench.Runner(change: lake => lake with { Catalog = catalog with { Connection = catalog.Connection! with { Port = Peers.FreePort() } } }).RunUntilIdleAsync(CancellationToken.None);
        Assert.That(await bench.ScalarAsync<string>("select state from philotes.batch"), Is.EqualTo("failed"));
        await bench.ScalarAsync<long>("update philotes.batch set next_try_at = now() returning batch_id");
        await bench.Runner(change: lake => lake with { Catalog = catalog }).RunUntilIdleAsync(CancellationToken.None);
        Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(1));
    }

    private static LakeCatalogOptions Sql(WriterBench bench, string warehouse)
    {
        var db = new NpgsqlConnectionStringBuilder(bench.CatalogConnection);
        return new LakeCatalogOptions
        {
            Type = CatalogType.Sql,
            Warehouse = warehouse,
            Connection = new ConnectionOptions { Host = db.Host!, Port = db.Port, Database = db.Database!, User = db.Username!, Password = Secret.Inline(db.Password ?? ""), Tls = Tls.Disable },
        };
    }
}
