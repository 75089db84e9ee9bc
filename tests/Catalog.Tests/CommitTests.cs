using System.Text.Json.Nodes;
using Npgsql;

namespace Philotes.Catalog.Tests;

[CancelAfter(60_000)]
internal sealed class CommitTests
{
    static readonly long Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    [Test]
    public async Task Of_writers_that_race_on_the_same_head_exactly_one_wins_each_round()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await using var second = await TestCatalog.ServeAsync(catalog.ConnectionString, catalog.Warehouse);
        await catalog.CreateNamespaceAsync("ns");
        await catalog.CreateTableAsync("ns", "t");
        long? head = null;
        for (var round = 1; round <= 10; round++)
        {
            var (parent, number) = (head, round);
            var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(writer => catalog.SendAsync(
                HttpMethod.Post,
                "namespaces/ns/tables/t",
                Append(parent, id: number * 100 + writer, number),
                at: writer % 2 == 0 ? second.Uri : null)));
            Assert.That(answers.Select(a => a.Status).Order(), Is.EqualTo([200, .. Enumerable.Repeat(409, 7)]), $"round {round}");
            head = (long)answers.Single(a => a.Status == 200).Metadata["current-snapshot-id"]!;
        }

        var table = await catalog.GetAsync("namespaces/ns/tables/t");
        Assert.That(table.Metadata["snapshots"]!.AsArray(), Has.Count.EqualTo(10));
        Assert.That(Directory.GetFiles(catalog.Warehouse, "*.json", SearchOption.AllDirectories), Has.Length.EqualTo(11), "The losers' files are gone.");
    }

    [Test]
    public async Task Commits_that_assert_nothing_about_the_head_all_go_through()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        await catalog.CreateTableAsync("ns", "t");
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
            catalog.PostAsync("namespaces/ns/tables/t", Documents.Commit([], Documents.SetProperty($"k{i}", "v")))));
        var table = await catalog.GetAsync("namespaces/ns/tables/t");
        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(200));
        Assert.That(table.Metadata["properties"]!.AsObject().Count(p => p.Key.StartsWith('k')), Is.EqualTo(16));
        Assert.That(table.Metadata["metadata-log"]!.AsArray(), Has.Count.EqualTo(16));
    }

    [Test]
    public async Task Of_creators_of_one_table_exactly_one_wins()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => catalog.CreateTableAsync("ns", "t")));
        Assert.That(answers.Select(a => a.Status).Order(), Is.EqualTo([200, .. Enumerable.Repeat(409, 7)]));
        Assert.That(
            answers.Where(a => a.Status == 409).Select(a => (a.ErrorType, a.Error)),
            Is.All.EqualTo(("AlreadyExistsException", "Table already exists: ns.t")));
    }

    [Test]
    public async Task A_namespace_is_never_dropped_under_a_table_that_is_being_made()
    {
        await using var catalog = await TestCatalog.StartAsync();
        for (var round = 0; round < 10; round++)
        {
            var ns = $"ns{round}";
            await catalog.CreateNamespaceAsync(ns);
            var both = await Task.WhenAll(catalog.CreateTableAsync(ns, "t"), catalog.DeleteAsync($"namespaces/{ns}"));
            var after = await catalog.GetAsync($"namespaces/{ns}/tables/t");
            Assert.That((both[0].Status, both[1].Status, after.Status), Is.EqualTo((200, 409, 200)).Or.EqualTo((404, 204, 404)));
        }
    }

    [Test]
    public async Task A_transaction_with_one_stale_table_changes_none()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        foreach (var name in (string[])["a", "b"])
            await catalog.CreateTableAsync("ns", name);
        await catalog.PostAsync("namespaces/ns/tables/b", Append(null, id: 1, number: 1));

        var refused = await catalog.PostAsync("transactions/commit", Transaction(("a", Append(null, 2, 1)), ("b", Append(null, 3, 2))));
        var (a, b) = (await catalog.GetAsync("namespaces/ns/tables/a"), await catalog.GetAsync("namespaces/ns/tables/b"));
        var accepted = await catalog.PostAsync("transactions/commit", Transaction(("a", Append(null, 2, 1)), ("b", Append(1, 3, 2))));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((refused.Status, refused.ErrorType), Is.EqualTo((409, "CommitFailedException")));
            Assert.That(a.Metadata["current-snapshot-id"], Is.Null);
            Assert.That((long)b.Metadata["current-snapshot-id"]!, Is.EqualTo(1));
            Assert.That(accepted.Status, Is.EqualTo(204));
        }
    }

    [Test]
    public async Task Racing_transactions_over_the_same_tables_are_all_or_nothing()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        foreach (var name in (string[])["a", "b"])
            await catalog.CreateTableAsync("ns", name);
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => catalog.PostAsync(
            "transactions/commit",
            i % 2 == 0
                ? Transaction(("a", Append(null, i, 1)), ("b", Append(null, i, 1)))
                : Transaction(("b", Append(null, i, 1)), ("a", Append(null, i, 1))))));
        var (a, b) = (await catalog.GetAsync("namespaces/ns/tables/a"), await catalog.GetAsync("namespaces/ns/tables/b"));
        Assert.That(answers.Select(x => x.Status).Order(), Is.EqualTo([204, .. Enumerable.Repeat(409, 7)]));
        Assert.That((long)a.Metadata["current-snapshot-id"]!, Is.EqualTo((long)b.Metadata["current-snapshot-id"]!));
    }

    [Test]
    public async Task A_staged_table_is_nowhere_until_its_commit_which_works_once()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        var request = new JsonObject { ["name"] = "t", ["schema"] = Documents.Schema(), ["stage-create"] = true };
        var staged = await catalog.PostAsync("namespaces/ns/tables", request);
        var before = await catalog.SendAsync(HttpMethod.Head, "namespaces/ns/tables/t");
        var commit = Documents.Commit(
            ["""{"type": "assert-create"}"""],
            $$"""{"action": "assign-uuid", "uuid": "{{staged.Metadata["table-uuid"]}}"}""",
            $$"""{"action": "add-schema", "schema": {{staged.Metadata["schemas"]![0]}}}""",
            """{"action": "set-current-schema", "schema-id": -1}""",
            """{"action": "add-spec", "spec": {"spec-id": 0, "fields": []}}""",
            """{"action": "set-default-spec", "spec-id": -1}""",
            """{"action": "add-sort-order", "sort-order": {"order-id": 0, "fields": []}}""",
            """{"action": "set-default-sort-order", "sort-order-id": -1}""",
            $$"""{"action": "set-location", "location": "{{staged.Metadata["location"]}}"}""",
            Documents.AddSnapshot(1, null, 1, Now),
            Documents.SetMain(1));
        var created = await catalog.PostAsync("namespaces/ns/tables/t", commit.DeepClone());
        var again = await catalog.PostAsync("namespaces/ns/tables/t", commit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((before.Status, created.Status, again.Status), Is.EqualTo((404, 200, 409)));
            Assert.That(again.Error, Is.EqualTo("Requirement failed: table already exists"));
            Assert.That(created.Metadata["metadata-log"]!.AsArray(), Is.Empty);
        }
    }

    [Test]
    public async Task A_metadata_file_that_a_crash_left_behind_disturbs_nobody()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        var created = await catalog.CreateTableAsync("ns", "t");
        var folder = Path.GetDirectoryName(created.Location["file://".Length..])!;
        await File.WriteAllTextAsync(Path.Combine(folder, $"00001-{Guid.NewGuid():D}.metadata.json"), "{}");
        var committed = await catalog.PostAsync("namespaces/ns/tables/t", Append(null, 1, 1));
        Assert.That(committed.Status, Is.EqualTo(200));
    }

    [Test]
    public async Task The_rows_are_those_of_icebergs_jdbc_catalog()
    {
        await using var catalog = await TestCatalog.StartAsync();
        await catalog.CreateNamespaceAsync("ns");
        var created = await catalog.CreateTableAsync("ns", "t");
        var committed = await catalog.PostAsync("namespaces/ns/tables/t", Append(null, 1, 1));
        await using var db = NpgsqlDataSource.Create(catalog.ConnectionString);
        await using var command = db.CreateCommand(
            "select catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type from iceberg_tables");
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        Assert.That(
            Enumerable.Range(0, row.FieldCount).Select(row.GetString),
            Is.EqualTo(["philotes", "ns", "t", committed.Location, created.Location, "TABLE"]));
    }

    static JsonObject Append(long? parent, long id, long number) =>
        Documents.Commit([Documents.AssertRef(parent)], Documents.AddSnapshot(id, parent, number, Now + number), Documents.SetMain(id));

    static JsonObject Transaction(params (string Table, JsonObject Commit)[] changes) => new()
    {
        ["table-changes"] = new JsonArray([.. changes.Select(c =>
        {
            c.Commit["identifier"] = new JsonObject { ["namespace"] = new JsonArray("ns"), ["name"] = c.Table };
            return (JsonNode?)c.Commit;
        })]),
    };
}
