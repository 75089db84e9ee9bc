using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Types;
using static Philotes.Iceberg.Tests.Rest.CatalogTables;

namespace Philotes.Iceberg.Tests.Rest;

public sealed class RestCatalogTests
{
    RestCatalog _catalog = null!;

    [SetUp]
    public async Task ConnectAsync() =>
        _catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = RestSetUp.Catalog.Uri }, CancellationToken.None);

    [TearDown]
    public void Disconnect() => _catalog.Dispose();

    [Test]
    public void The_configuration_lists_endpoints_and_the_separator()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_catalog.Config.MaySupport("POST /v1/{prefix}/transactions/commit"));
            Assert.That(_catalog.Config.MaySupport("POST /v1/{prefix}/nothing"), Is.False);
            Assert.That(_catalog.Config.NamespaceSeparator, Is.EqualTo("."));
        }
    }

    [Test]
    public async Task A_namespace_is_made_once_found_and_dropped()
    {
        var name = UniqueNamespace();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _catalog.NamespaceExistsAsync(name, CancellationToken.None), Is.False);
            Assert.That(await _catalog.EnsureNamespaceAsync(name, CancellationToken.None));
            Assert.That(await _catalog.EnsureNamespaceAsync(name, CancellationToken.None), Is.False);
            Assert.That(await _catalog.NamespaceExistsAsync(name, CancellationToken.None));
            Assert.That(await _catalog.ListNamespacesAsync(null, CancellationToken.None), Does.Contain(name));
            Assert.That(await _catalog.DropNamespaceAsync(name, CancellationToken.None));
            Assert.That(await _catalog.DropNamespaceAsync(name, CancellationToken.None), Is.False);
        }
    }

    [Test]
    public async Task A_nested_namespace_travels_with_the_catalogs_own_separator()
    {
        var parent = UniqueNamespace();
        var child = new NamespaceName([.. parent.Levels, "eu west"]);
        await _catalog.EnsureNamespaceAsync(child, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _catalog.NamespaceExistsAsync(child, CancellationToken.None));
            Assert.That(await _catalog.ListNamespacesAsync(parent, CancellationToken.None), Is.EqualTo([child]));
        }
    }

    [Test]
    public async Task A_created_table_loads_with_its_schema_and_the_catalogs_clock()
    {
        var created = await CreateAsync(_catalog);
        var loaded = await _catalog.LoadTableAsync(created.Identifier, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loaded.Metadata.TableUuid, Is.EqualTo(created.Metadata.TableUuid).And.Not.EqualTo(Guid.Empty));
            Assert.That(loaded.Metadata.FormatVersion, Is.EqualTo(2));
            Assert.That(loaded.Metadata.Schema, Is.EqualTo(Schema));
            Assert.That(loaded.Metadata.CurrentSnapshotId, Is.Null);
            Assert.That(loaded.Metadata.Properties["owner"], Is.EqualTo("tests"));
            Assert.That(loaded.MetadataLocation, Does.EndWith(".metadata.json"));
            Assert.That(loaded.ServerDate, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromSeconds(30)).Or.Null);
            Assert.That(await _catalog.ListTablesAsync(loaded.Identifier.Namespace, CancellationToken.None), Is.EqualTo([loaded.Identifier]));
        }
    }

    [Test]
    public async Task Creating_a_table_twice_is_a_conflict()
    {
        var table = await CreateAsync(_catalog);
        var again = await _catalog.CreateTableAsync(Request(table.Identifier.Namespace), CancellationToken.None);
        Assert.That(again, Is.TypeOf<CommitOutcome.Conflict>());
    }

    [Test]
    public async Task A_table_can_be_born_with_its_first_snapshot()
    {
        var name = UniqueNamespace();
        await _catalog.EnsureNamespaceAsync(name, CancellationToken.None);
        var staged = Committed(await _catalog.StageCreateTableAsync(Request(name), CancellationToken.None));
        Assert.That(await _catalog.FindTableAsync(staged.Identifier, CancellationToken.None), Is.Null, "a staged table does not exist");

        var plan = StagedCreate.Plan(staged, NextSnapshot(staged.Metadata));
        var born = Committed(await _catalog.CommitAsync(plan, CancellationToken.None)).Metadata;
        var again = await _catalog.CommitAsync(plan, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(born.TableUuid, Is.EqualTo(staged.Metadata.TableUuid));
            Assert.That(born.Schema.Fields, Is.EqualTo(Schema.Fields));
            Assert.That(born.CurrentSnapshot?.ManifestList, Does.StartWith(staged.Metadata.Location));
            Assert.That(born.CurrentSnapshot?.ParentSnapshotId, Is.Null);
            Assert.That(born.MainRef?.SnapshotId, Is.EqualTo(born.CurrentSnapshotId));
            Assert.That(again, Is.TypeOf<CommitOutcome.Conflict>());
        }
    }

    [Test]
    public async Task Snapshots_follow_each_other_and_their_ids_survive_exactly()
    {
        var table = await CreateAsync(_catalog);
        var sent = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            var request = Append(table);
            sent.Insert(0, request.Updates.OfType<TableUpdate.AddSnapshot>().Single().Snapshot.SnapshotId);
            table = Committed(await _catalog.CommitAsync(request, CancellationToken.None));
        }

        var loaded = (await _catalog.LoadTableAsync(table.Identifier, CancellationToken.None)).Metadata;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loaded.MainHistory().Select(snapshot => snapshot.SnapshotId), Is.EqualTo(sent));
            Assert.That(loaded.LastSequenceNumber, Is.EqualTo(3));
            Assert.That(loaded.SnapshotLog, Has.Count.EqualTo(3));
        }
    }

    [Test]
    public async Task A_commit_on_an_older_head_is_a_conflict()
    {
        var table = await CreateAsync(_catalog);
        var (first, second) = (Append(table), Append(table));
        Committed(await _catalog.CommitAsync(first, CancellationToken.None));
        Assert.That(await _catalog.CommitAsync(second, CancellationToken.None), Is.TypeOf<CommitOutcome.Conflict>());
    }

    [Test]
    public async Task A_commit_to_another_table_of_that_name_does_not_happen()
    {
        var table = await CreateAsync(_catalog);
        var request = SetProperty(table, "a", "1") with { Requirements = [new TableRequirement.AssertTableUuid(Guid.NewGuid())] };
        var outcome = await _catalog.CommitAsync(request, CancellationToken.None);
        Assert.That(outcome, Is.TypeOf<CommitOutcome.Conflict>().Or.TypeOf<CommitOutcome.Refused>());
    }

    [Test]
    public async Task Properties_are_set_and_removed()
    {
        var table = await CreateAsync(_catalog);
        var mark = """{"seq":4460,"snapshot":4611686018427387905}""";
        var set = Committed(await _catalog.CommitAsync(SetProperty(table, "mark", mark), CancellationToken.None));
        var removal = new CommitRequest(table.Identifier, [], [new TableUpdate.RemoveProperties(["owner"])]);
        var removed = Committed(await _catalog.CommitAsync(removal, CancellationToken.None));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(set.Metadata.Properties["mark"], Is.EqualTo(mark));
            Assert.That(removed.Metadata.Properties, Does.Not.ContainKey("owner").And.ContainKey("mark"));
        }
    }

    [Test]
    public async Task A_schema_is_added_and_made_current_under_its_own_id()
    {
        var table = await CreateAsync(_catalog);
        var wider = new IcebergSchema(1, [.. Schema.Fields, new NestedField(3, "amount", Required: false, new DecimalType(12, 2))], []);
        var request = new CommitRequest(
            table.Identifier,
            [new TableRequirement.AssertLastAssignedFieldId(2), new TableRequirement.AssertCurrentSchemaId(0)],
            [new TableUpdate.AddSchema(wider, LastColumnId: 3), new TableUpdate.SetCurrentSchema(1)]);
        var changed = Committed(await _catalog.CommitAsync(request, CancellationToken.None)).Metadata;
        var stale = await _catalog.CommitAsync(request, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(changed.Schema, Is.EqualTo(wider));
            Assert.That(changed.LastColumnId, Is.EqualTo(3));
            Assert.That(changed.FindSchema(0), Is.EqualTo(Schema));
            Assert.That(stale, Is.TypeOf<CommitOutcome.Conflict>());
        }
    }

    [Test]
    public async Task A_transaction_changes_all_tables_or_none()
    {
        var (left, right) = (await CreateAsync(_catalog), await CreateAsync(_catalog));
        var both = await _catalog.CommitTransactionAsync([SetProperty(left, "n", "1"), SetProperty(right, "n", "1")], null, CancellationToken.None);
        var wrong = SetProperty(right, "n", "2") with { Requirements = [new TableRequirement.AssertTableUuid(Guid.NewGuid())] };
        var none = await _catalog.CommitTransactionAsync([SetProperty(left, "n", "2"), wrong], null, CancellationToken.None);
        var leftNow = await _catalog.LoadTableAsync(left.Identifier, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(both, Is.TypeOf<TransactionOutcome.Committed>());
            Assert.That(none, Is.TypeOf<TransactionOutcome.Conflict>());
            Assert.That(leftNow.Metadata.Properties["n"], Is.EqualTo("1"));
        }
    }

    [Test]
    public async Task An_unchanged_table_is_not_sent_again()
    {
        var table = await CreateAsync(_catalog);
        var known = await _catalog.LoadTableAsync(table.Identifier, CancellationToken.None);
        Assert.That((await _catalog.LoadTableAsync(table.Identifier, CancellationToken.None)).Metadata, Is.SameAs(known.Metadata));

        var committed = Committed(await _catalog.CommitAsync(SetProperty(table, "a", "1"), CancellationToken.None));
        Assert.That((await _catalog.LoadTableAsync(table.Identifier, CancellationToken.None)).Metadata.Properties["a"], Is.EqualTo("1"), "our own change is seen");

        using var other = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = RestSetUp.Catalog.Uri }, CancellationToken.None);
        Committed(await other.CommitAsync(SetProperty(committed, "a", "2"), CancellationToken.None));
        var changed = await _catalog.LoadTableAsync(table.Identifier, CancellationToken.None);
        Assert.That(changed.Metadata.Properties["a"], Is.EqualTo("2"), "somebody else's change is seen");
    }

    [Test]
    public async Task A_missing_table_has_its_own_exception_and_a_dropped_one_is_missing()
    {
        var table = await CreateAsync(_catalog);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _catalog.DropTableAsync(table.Identifier, CancellationToken.None));
            Assert.That(await _catalog.DropTableAsync(table.Identifier, CancellationToken.None), Is.False);
            Assert.That(await _catalog.FindTableAsync(table.Identifier, CancellationToken.None), Is.Null);
        }

        var missing = await Assert.ThrowsAsync<NotInCatalogException>(() => _catalog.LoadTableAsync(table.Identifier, CancellationToken.None));
        Assert.That(missing!.Message, Does.Contain(table.Identifier.ToString()));
    }

    [Test]
    public async Task A_commit_to_a_missing_table_is_refused_with_404()
    {
        var table = await CreateAsync(_catalog);
        await _catalog.DropTableAsync(table.Identifier, CancellationToken.None);
        var outcome = await _catalog.CommitAsync(SetProperty(table, "a", "1"), CancellationToken.None);
        Assert.That((outcome as CommitOutcome.Refused)?.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_moved_branch_keeps_its_retention()
    {
        var table = await CreateAsync(_catalog);
        table = Committed(await _catalog.CommitAsync(Append(table), CancellationToken.None));
        var kept = table.Metadata.MainRef! with { MinSnapshotsToKeep = 7, MaxSnapshotAgeMs = 86_400_000 };
        var request = new CommitRequest(table.Identifier, [], [new TableUpdate.SetSnapshotRef(SnapshotRef.Main, kept)]);
        table = Committed(await _catalog.CommitAsync(request, CancellationToken.None));
        table = Committed(await _catalog.CommitAsync(Append(table), CancellationToken.None));
        Assert.That(table.Metadata.MainRef, Is.EqualTo(kept with { SnapshotId = table.Metadata.CurrentSnapshotId!.Value }));
    }
}
