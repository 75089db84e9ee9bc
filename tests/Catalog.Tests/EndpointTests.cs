using System.Text.Json.Nodes;

namespace Philotes.Catalog.Tests;

[CancelAfter(60_000)]
internal sealed class EndpointTests
{
    [TestCase("a/b")]
    [TestCase("a%2Fb")]
    [TestCase("a.b")]
    [TestCase("..")]
    [TestCase("../../../../tmp/x")]
    [TestCase("sp ace+plus&amp?=#")]
    [TestCase("Ünïcödé 🧊")]
    [TestCase("'; drop table iceberg_tables; --")]
    [TestCase("%")]
    [TestCase("\"quoted\"\\back")]
    public async Task A_table_may_have_any_name_and_stays_inside_the_warehouse(string name)
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        var created = await catalog.CreateTableAsync("ns", name);
        var path = "namespaces/ns/tables/" + Uri.EscapeDataString(name);
        var loaded = await catalog.GetAsync(path);
        var committed = await catalog.PostAsync(path, Documents.Commit([], Documents.SetProperty("a", "b")));
        var listed = await catalog.GetAsync("namespaces/ns/tables");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((created.Status, loaded.Status, committed.Status), Is.EqualTo((200, 200, 200)));
            Assert.That((string)listed.Body!["identifiers"]![0]!["name"]!, Is.EqualTo(name));
            Assert.That(Path.GetFullPath(created.Location["file://".Length..]), Does.StartWith(catalog.Warehouse + "/ns/"));
        }
    }

    [TestCase("")]
    [TestCase("nul\0")]
    [TestCase("unit\u001Fseparator")]
    public async Task A_name_that_cannot_be_stored_is_the_callers_error(string name)
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        Assert.That((await catalog.CreateTableAsync("ns", name)).Status, Is.EqualTo(400));
        Assert.That((await catalog.CreateTableAsync("ns", new string('x', 256))).Status, Is.EqualTo(400));
    }

    [Test]
    public async Task Nested_namespaces_list_one_level_at_a_time_and_a_dot_cannot_forge_one()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("a");
        await catalog.CreateNamespaceAsync("a", "b");
        await catalog.CreateNamespaceAsync("a", "b", "c");
        await catalog.CreateNamespaceAsync("a_x");
        var top = await catalog.GetAsync("namespaces");
        var inside = await catalog.GetAsync("namespaces?parent=a");
        var deeper = await catalog.GetAsync("namespaces?parent=a%1Fb");
        var full = await catalog.DeleteAsync("namespaces/a%1Fb");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(top.Body!["namespaces"]!.ToJsonString(), Is.EqualTo("""[["a"],["a_x"]]"""));
            Assert.That(inside.Body!["namespaces"]!.ToJsonString(), Is.EqualTo("""[["a","b"]]"""));
            Assert.That(deeper.Body!["namespaces"]!.ToJsonString(), Is.EqualTo("""[["a","b","c"]]"""));
            Assert.That((full.Status, full.Error), Is.EqualTo((409, "Namespace a.b is not empty")));
            Assert.That((await catalog.CreateNamespaceAsync("a.b")).Status, Is.EqualTo(400));
            Assert.That((await catalog.GetAsync("namespaces?parent=zzz")).Status, Is.EqualTo(404));
            Assert.That((await catalog.CreateNamespaceAsync("a")).Error, Is.EqualTo("Namespace already exists: a"));
        }
    }

    [Test]
    public async Task Properties_of_a_namespace_are_set_removed_and_never_both()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        var set = await catalog.PostAsync("namespaces/ns/properties", Documents.Object("""{"updates": {"a": "1", "b": "2"}, "removals": ["c"]}"""));
        var both = await catalog.PostAsync("namespaces/ns/properties", Documents.Object("""{"updates": {"a": "1"}, "removals": ["a"]}"""));
        await catalog.PostAsync("namespaces/ns/properties", Documents.Object("""{"removals": ["a", "b", "exists"]}"""));
        var emptied = await catalog.GetAsync("namespaces/ns");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(set.Body!.ToJsonString(), Is.EqualTo("""{"updated":["a","b"],"removed":[],"missing":["c"]}"""));
            Assert.That((both.Status, both.Error), Is.EqualTo((422, "Cannot remove and update the same key: a")));
            Assert.That((emptied.Status, emptied.Body!["properties"]!.ToJsonString()), Is.EqualTo((200, "{}")));
        }
    }

    [Test]
    public async Task Pages_are_complete_and_without_repeats_while_tables_come_and_go()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        foreach (var i in Enumerable.Range(10, 7))
            await catalog.CreateTableAsync("ns", $"t{i}");
        var names = new List<string>();
        var token = "";
        while (true)
        {
            var page = await catalog.GetAsync($"namespaces/ns/tables?pageSize=3&pageToken={token}");
            names.AddRange(page.Body!["identifiers"]!.AsArray().Select(i => (string)i!["name"]!));
            await catalog.DeleteAsync("namespaces/ns/tables/t10");
            await catalog.CreateTableAsync("ns", "t0");
            if (page.Body["next-page-token"] is null)
                break;
            token = (string)page.Body["next-page-token"]!;
        }

        Assert.That(names, Is.EqualTo(Enumerable.Range(10, 7).Select(i => $"t{i}")));
        Assert.That((await catalog.GetAsync("namespaces/ns/tables?pageToken=%25")).Status, Is.EqualTo(400));
    }

    [Test]
    public async Task An_unchanged_table_is_304_and_a_changed_one_or_another_view_of_it_is_not()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        var created = await catalog.CreateTableAsync("ns", "t");
        var same = await catalog.SendAsync(HttpMethod.Get, "namespaces/ns/tables/t", ifNoneMatch: created.ETag);
        var refs = await catalog.SendAsync(HttpMethod.Get, "namespaces/ns/tables/t?snapshots=refs", ifNoneMatch: created.ETag);
        await catalog.PostAsync("namespaces/ns/tables/t", Documents.Commit([], Documents.SetProperty("a", "b")));
        var changed = await catalog.SendAsync(HttpMethod.Get, "namespaces/ns/tables/t", ifNoneMatch: created.ETag);
        Assert.That((same.Status, refs.Status, changed.Status), Is.EqualTo((304, 200, 200)));
    }

    [Test]
    public async Task Tables_of_one_name_one_after_the_other_never_share_a_folder()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        var first = await catalog.CreateTableAsync("ns", "t");
        var renamed = await catalog.PostAsync("tables/rename", Documents.Object(
            """{"source": {"namespace": ["ns"], "name": "t"}, "destination": {"namespace": ["ns"], "name": "u"}}"""));
        var second = await catalog.CreateTableAsync("ns", "t");
        var taken = await catalog.PostAsync("tables/rename", Documents.Object(
            """{"source": {"namespace": ["ns"], "name": "t"}, "destination": {"namespace": ["ns"], "name": "u"}}"""));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(renamed.Status, Is.EqualTo(204));
            Assert.That((string)second.Metadata["location"]!, Is.Not.EqualTo((string)first.Metadata["location"]!));
            Assert.That((taken.Status, taken.Error), Is.EqualTo((409, "Cannot rename ns.t to ns.u. Table already exists")));
        }
    }

    [Test]
    public async Task A_dropped_table_can_be_registered_again_and_a_purged_one_leaves_no_metadata()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        await catalog.CreateTableAsync("ns", "t");
        var committed = await catalog.PostAsync("namespaces/ns/tables/t", Documents.Commit([], Documents.SetProperty("a", "b")));
        await catalog.DeleteAsync("namespaces/ns/tables/t?purgeRequested=false");
        var register = new JsonObject { ["name"] = "t", ["metadata-location"] = committed.Location };
        var registered = await catalog.PostAsync("namespaces/ns/register", register.DeepClone());
        var again = await catalog.PostAsync("namespaces/ns/register", register);
        var purged = await catalog.DeleteAsync("namespaces/ns/tables/t?purgeRequested=true");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((registered.Status, again.Status, purged.Status), Is.EqualTo((200, 409, 204)));
            Assert.That(Directory.GetFiles(catalog.Warehouse, "*.json", SearchOption.AllDirectories), Is.Empty);
        }
    }

    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("""{"name": "t", "name": "u"}""")]
    [TestCase("""{"name": 5}""")]
    [TestCase("""{"name": "t"}""")]
    public async Task A_body_that_makes_no_sense_is_400_with_the_protocols_error(string body)
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        using var http = new HttpClient();
        using var reply = await http.PostAsync(new Uri(catalog.Uri, "v1/namespaces/ns/tables"), new StringContent(body));
        var error = JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["error"]!;
        Assert.That(((int)reply.StatusCode, (int)error["code"]!), Is.EqualTo((400, 400)));
    }

    [Test]
    public async Task What_is_not_there_says_what_is_not_there()
    {
        await using var catalog = await TestCatalog.StartAsync();
        var noNamespace = await catalog.CreateTableAsync("ns", "t");
        await catalog.CreateNamespaceAsync("ns");
        var noTable = await catalog.GetAsync("namespaces/ns/tables/t");
        var noView = await catalog.GetAsync("namespaces/ns/views/v");
        var noRoute = await catalog.GetAsync("weather");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (noNamespace.Status, noNamespace.ErrorType, noNamespace.Error),
                Is.EqualTo((404, "NoSuchNamespaceException", "Namespace does not exist: ns")));
            Assert.That((noTable.Status, noTable.ErrorType, noTable.Error), Is.EqualTo((404, "NoSuchTableException", "Table does not exist: ns.t")));
            Assert.That((noView.Status, noView.ErrorType), Is.EqualTo((404, "NoSuchViewException")));
            Assert.That(noRoute.Status, Is.EqualTo(404));
        }
    }
}
