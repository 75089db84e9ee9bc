using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Philotes.Catalog.Tests.Compatibility;

/// <summary>Iceberg's own JDBC catalog (Java) on the same database: what one writes, the other opens and goes on from.</summary>
[Category("Peers")]
internal sealed class JdbcCatalogTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task Javas_jdbc_catalog_and_ours_work_on_one_database(CancellationToken cancellationToken)
    {
        var script = Philotes.Testing.Peers.Path("catalog.sh");
        Philotes.Testing.Peers.Java();
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ours");
        await catalog.CreateTableAsync("ours", "t");
        using var java = Start(script, catalog, out var uri);
        var byJava = Documents.Commit([], Documents.SetProperty("by", "java"));
        try
        {
            await WaitUntilReadyAsync(uri, cancellationToken);
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
        finally
        {
            java.Kill(entireProcessTree: true);
        }
    }

    static Process Start(string script, TestCatalog catalog, out Uri uri)
    {
        var port = Philotes.Testing.Peers.FreePort().ToString(CultureInfo.InvariantCulture);
        uri = new Uri($"http://127.0.0.1:{port}");
        var db = new NpgsqlConnectionStringBuilder(catalog.ConnectionString);
        var jdbc = $"jdbc:postgresql://{db.Host}:{db.Port}/{db.Database}";
        var start = new ProcessStartInfo("bash", [script, port, "file://" + catalog.Warehouse, jdbc, db.Username!, db.Password!])
        {
            WorkingDirectory = catalog.Warehouse,
        };
        start.Environment["CATALOG_CATALOG_NAME"] = "philotes";
        start.Environment["LOG"] = "error";
        return Process.Start(start)!;
    }

    static async Task WaitUntilReadyAsync(Uri uri, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await poll.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                using var reply = await http.GetAsync(new Uri(uri, "v1/config"), cancellationToken);
                if (reply.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }
    }
}
