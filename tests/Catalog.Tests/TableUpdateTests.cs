using System.Text.Json.Nodes;
using Philotes.SqlCatalog;
using Philotes.SqlCatalog.Metadata;

namespace Philotes.Catalog.Tests;

internal sealed class TableUpdateTests
{
    const long Now = 1_700_000_000_000;

    [Test]
    public void A_new_table_gets_ids_of_the_catalogs_choice_and_its_spec_and_order_follow()
    {
        var request = Documents.Object("""
            {"name": "t", "schema": {"type": "struct", "identifier-field-ids": [40], "fields": [
                {"id": 10, "name": "tags", "required": false, "type": {"type": "list", "element-id": 20, "element": "string", "element-required": true}},
                {"id": 30, "name": "at", "required": true, "type": "timestamptz"},
                {"id": 40, "name": "id", "required": true, "type": "long"}]},
             "partition-spec": {"fields": [{"source-id": 30, "transform": "day", "name": "at_day", "field-id": 5000}]},
             "write-order": {"order-id": 9, "fields": [{"source-id": 40, "transform": "identity", "direction": "asc", "null-order": "nulls-first"}]}}
            """);

        var table = NewTable.Create(request, "u", "file:///w/t", Now);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(SchemaFields.All(table["schemas"]![0]).Select(f => $"{f.Id} {f.Name}"), Is.EqualTo(["1 tags", "4 tags.element", "2 at", "3 id"]));
            Assert.That(table["schemas"]![0]!["identifier-field-ids"]!.ToJsonString(), Is.EqualTo("[3]"));
            Assert.That(
                table["partition-specs"]!.ToJsonString(),
                Is.EqualTo("""[{"fields":[{"source-id":2,"transform":"day","name":"at_day","field-id":1000}],"spec-id":0}]"""));
            Assert.That((long)table["sort-orders"]![0]!["fields"]![0]!["source-id"]!, Is.EqualTo(3));
            Assert.That((table.Whole("last-column-id"), table.Whole("last-partition-id"), table.Whole("default-sort-order-id")), Is.EqualTo((4, 1000, 1)));
            Assert.That(table["current-snapshot-id"], Is.Null);
        }
    }

    [Test]
    public void A_snapshot_moves_main_the_log_and_the_sequence_number()
    {
        var table = Apply(Table(), Documents.AddSnapshot(5, null, 1, Now + 1), Documents.SetMain(5));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((table.Whole("current-snapshot-id"), table.Whole("last-sequence-number"), table.Whole("last-updated-ms")), Is.EqualTo((5, 1, Now + 1)));
            Assert.That(table["snapshot-log"]!.ToJsonString(), Is.EqualTo($$"""[{"timestamp-ms":{{Now + 1}},"snapshot-id":5}]"""));
            Assert.That(table["refs"]!["main"]!.ToJsonString(), Is.EqualTo("""{"type":"branch","snapshot-id":5}"""));
        }
    }

    [Test]
    public void A_snapshot_that_was_head_only_inside_the_commit_leaves_no_trace_in_the_log()
    {
        var table = Apply(Table(), Documents.AddSnapshot(5, null, 1, Now), Documents.SetMain(5), Documents.AddSnapshot(6, 5, 2, Now + 1), Documents.SetMain(6));
        Assert.That(table.Objects("snapshot-log").Select(e => e.Whole("snapshot-id")), Is.EqualTo([6L]));
        Assert.That(table.Objects("snapshots").Count(), Is.EqualTo(2));
    }

    [Test]
    public void Removing_a_snapshot_takes_its_refs_its_statistics_and_the_history_before_it()
    {
        var table = Apply(Table(), Documents.AddSnapshot(5, null, 1, Now), Documents.SetMain(5));
        table = Apply(table, Documents.AddSnapshot(6, 5, 2, Now + 1), Documents.SetMain(6));
        table = Apply(
            table,
            """{"action": "set-snapshot-ref", "ref-name": "v1", "type": "tag", "snapshot-id": 5}""",
            """{"action": "set-statistics", "statistics": {"snapshot-id": 5, "statistics-path": "s"}}""");

        table = Apply(table, """{"action": "remove-snapshots", "snapshot-ids": [5]}""");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(table.Part("refs").Select(r => r.Key), Is.EqualTo(["main"]));
            Assert.That(table.List("statistics"), Is.Empty);
            Assert.That(table.Objects("snapshot-log").Select(e => e.Whole("snapshot-id")), Is.EqualTo([6L]));
        }
    }

    [Test]
    public void A_stale_sequence_number_is_a_conflict_and_a_known_id_is_an_error()
    {
        var table = Apply(Table(), Documents.AddSnapshot(5, null, 1, Now), Documents.SetMain(5));
        Assert.That(() => Apply(table, Documents.AddSnapshot(6, 5, 1, Now)), Refusal(409));
        Assert.That(() => Apply(table, Documents.AddSnapshot(5, 5, 2, Now)), Refusal(400));
    }

    [TestCase(11 * 60_000)]
    [TestCase(-2 * 60 * 60_000)]
    public void A_snapshot_from_a_wrong_clock_is_refused_before_it_can_block_the_table(long skewMs)
    {
        var table = Apply(Table(), Documents.AddSnapshot(5, null, 1, Now), Documents.SetMain(5));
        Assert.That(() => Apply(table, Documents.AddSnapshot(6, 5, 2, Now + skewMs)), Refusal(400));
    }

    [Test]
    public void Version_3_counts_row_ids_and_refuses_stale_ones()
    {
        const string RowIds = """ "first-row-id": 0, "added-rows": 10, "snapshot-id" """;
        var table = Apply(Table(formatVersion: 3), Documents.AddSnapshot(5, null, 1, Now).Replace("\"snapshot-id\"", RowIds), Documents.SetMain(5));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(table.Whole("next-row-id"), Is.EqualTo(10));
            Assert.That(() => Apply(table, Documents.AddSnapshot(6, 5, 2, Now).Replace("\"snapshot-id\"", RowIds)), Refusal(409));
            Assert.That(() => Apply(table, Documents.AddSnapshot(6, 5, 2, Now)), Refusal(400));
        }
    }

    [Test]
    public void Equal_schemas_specs_and_orders_keep_their_ids_and_new_ones_get_new()
    {
        var same = Apply(
            Table(),
            $$"""{"action": "add-schema", "schema": {{CurrentSchema(Table())}}}""",
            """{"action": "set-current-schema", "schema-id": -1}""");
        var wider = Documents.Object(CurrentSchema(Table()));
        wider.List("fields").Add(Documents.Object("""{"id": 3, "name": "more", "required": false, "type": "double"}"""));
        var grown = Apply(
            same,
            $$"""{"action": "add-schema", "schema": {{wider.ToJsonString()}}}""",
            """{"action": "set-current-schema", "schema-id": -1}""",
            """{"action": "add-spec", "spec": {"fields": [{"source-id": 1, "transform": "bucket[4]", "name": "id_bucket"}]}}""",
            """{"action": "set-default-spec", "spec-id": -1}""",
            """{"action": "add-spec", "spec": {"fields": [{"source-id": 1, "transform": "bucket[4]", "name": "other"}]}}""");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(same.Whole("current-schema-id"), Is.Zero);
            Assert.That((grown.Whole("current-schema-id"), grown.Whole("last-column-id"), grown.Whole("default-spec-id")), Is.EqualTo((1, 3, 1)));
            Assert.That(grown.Whole("last-partition-id"), Is.EqualTo(1000), "An equal field keeps its id.");
        }
    }

    [Test]
    public void Fields_that_the_catalog_does_not_know_survive_every_update()
    {
        var table = Table();
        table["x-future"] = Documents.Object("""{"a": [1, 2.50, "three"]}""");
        table.Objects("schemas").First()["x-deep"] = true;
        var after = Apply(table, Documents.SetProperty("k", "v"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(after["x-future"]!.ToJsonString(), Is.EqualTo("""{"a":[1,2.50,"three"]}"""));
            Assert.That((bool)after["schemas"]![0]!["x-deep"]!, Is.True);
        }
    }

    [TestCase("""{"action": "make-coffee"}""")]
    [TestCase("""{"action": "set-current-schema", "schema-id": 9}""")]
    [TestCase("""{"action": "set-current-schema", "schema-id": -1}""")]
    [TestCase("""{"action": "set-default-spec", "spec-id": 9}""")]
    [TestCase("""{"action": "set-default-sort-order", "sort-order-id": 9}""")]
    [TestCase("""{"action": "add-spec", "spec": {"fields": [{"source-id": 77, "transform": "identity", "name": "x"}]}}""")]
    [TestCase("""{"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": 1}""")]
    [TestCase("""{"action": "upgrade-format-version", "format-version": 1}""")]
    [TestCase("""{"action": "upgrade-format-version", "format-version": 4}""")]
    [TestCase("""{"action": "remove-schemas", "schema-ids": [0]}""")]
    [TestCase("""{"action": "remove-partition-specs", "spec-ids": [0]}""")]
    [TestCase("""{"action": "assign-uuid", "uuid": "another"}""")]
    [TestCase("""{"action": "add-schema", "schema": {"type": "struct", "fields": [{"id": 1, "name": "a", "required": true, "type": "quaternion"}]}}""")]
    [TestCase("""{"action": "add-schema", "schema": {"type": "struct", "fields": [{"id": 1, "name": "a", "required": true, "type": "timestamp_ns"}]}}""")]
    [TestCase("""{"action": "set-properties", "updates": {"k": 5}}""")]
    public void An_update_that_cannot_be_is_refused(string update) => Assert.That(() => Apply(Table(), update), Refusal(400));

    static JsonObject Table(int formatVersion = 2) => NewTable.Create(
        new JsonObject { ["schema"] = Documents.Schema(), ["properties"] = new JsonObject { ["format-version"] = $"{formatVersion}" } },
        "u",
        "file:///w/t",
        Now);

    static string CurrentSchema(JsonObject table) => table["schemas"]![0]!.ToJsonString();

    static JsonObject Apply(JsonObject table, params string[] updates)
    {
        var draft = new TableDraft(table.DeepClone().AsObject(), Now);
        foreach (var update in updates)
            TableUpdates.Apply(draft, Documents.Object(update));
        draft.Complete();
        return draft.Document;
    }

    static NUnit.Framework.Constraints.IResolveConstraint Refusal(int status) => Throws.TypeOf<CatalogException>().With.Property("Status").EqualTo(status);
}
