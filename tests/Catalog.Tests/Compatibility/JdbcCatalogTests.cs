using Philotes.Testing;

namespace Philotes.Catalog.Tests.Compatibility;

/// <summary>Iceberg's own JDBC catalog (Java) on the same database: what one writes, the other opens and goes on from.</summary>
[Category("Peers")]
internal sealed class JdbcCatalogTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task Javas_jdbc_catalog_and_ours_work_on_one_database()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ours");
        await catalog.CreateTableAsync("ours", "t");
        await using var java = await ReferenceCatalog.StartOnAsync(catalog.ConnectionString, "file://" + catalog.Warehouse);
        var uri = java.Uri;
        var byJava = Documents.Commit([], Documents.SetProperty("by", "java"));
        var loaded = await catalog.SendAsync(HttpMethod.Get, "namespaces/ours/tables/t", at: uri);
        var committed = await catalog.SendAsync(HttpMethod.Post, "namespaces/ours/tables/t", byJava, at: uri);
        await catalog.SendAsync(HttpMethod.Post, "namespaces", Documents.Object("""{"namespace": ["theirs"]}"""), at: uri);
        var table = Documents.Object("""{"name": "u"}""");
        table["schema"] = Documents.Schema();
        var created = await catalog.SendAsync(HttpMethod.Post, "namespaces/theirs/tables", table, at: uri);
        var seen = await catalog.GetAsync("namespaces/ours/tables/t");
        var continued = await catalog.PostAsync("namespaces/theirs/tables/u", Documents.Commit([], Documents.SetProperty("by", "us")));
        var again = await catalog.SendAsync(HttpMethod.Get, "namespaces/theirs/tables/u", at: uri);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((loaded.Status, committed.Status, created.Status, continued.Status, again.Status), Is.EqualTo((200, 200, 200, 200, 200)));
            Assert.That((string)seen.Metadata["properties"]!["by"]!, Is.EqualTo("java"));
            Assert.That((string)again.Metadata["properties"]!["by"]!, Is.EqualTo("us"));
            Assert.That(again.Location, Is.EqualTo(continued.Location));
        }
    }
}
