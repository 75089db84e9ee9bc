using System.Text.Json;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Rest;

namespace Philotes.Iceberg.Tests.Rest;

/// <summary>The exact JSON of every update and requirement, by the REST catalog specification.</summary>
public sealed class TableUpdateTests
{
    static readonly Guid Uuid = Guid.Parse("9c12d441-03fe-4693-9a96-a0705ddf69c1");

    static IEnumerable<TestCaseData> Updates()
    {
        yield return Case(new TableUpdate.AssignUuid(Uuid), """{"action":"assign-uuid","uuid":"9c12d441-03fe-4693-9a96-a0705ddf69c1"}""");
        yield return Case(new TableUpdate.UpgradeFormatVersion(2), """{"action":"upgrade-format-version","format-version":2}""");
        yield return Case(new TableUpdate.SetCurrentSchema(TableUpdate.LastAdded), """{"action":"set-current-schema","schema-id":-1}""");
        yield return Case(new TableUpdate.AddSpec(PartitionSpec.Unpartitioned), """{"action":"add-spec","spec":{"spec-id":0,"fields":[]}}""");
        yield return Case(new TableUpdate.SetDefaultSpec(1), """{"action":"set-default-spec","spec-id":1}""");
        yield return Case(new TableUpdate.AddSortOrder(SortOrder.Unsorted), """{"action":"add-sort-order","sort-order":{"order-id":0,"fields":[]}}""");
        yield return Case(new TableUpdate.SetDefaultSortOrder(1), """{"action":"set-default-sort-order","sort-order-id":1}""");
        yield return Case(new TableUpdate.RemoveSnapshots([1, long.MaxValue]), """{"action":"remove-snapshots","snapshot-ids":[1,9223372036854775807]}""");
        yield return Case(new TableUpdate.RemoveSnapshotRef("old"), """{"action":"remove-snapshot-ref","ref-name":"old"}""");
        yield return Case(new TableUpdate.SetLocation("s3://b/t"), """{"action":"set-location","location":"s3://b/t"}""");
        yield return Case(new TableUpdate.SetProperties(new Dictionary<string, string> { ["a"] = "1" }), """{"action":"set-properties","updates":{"a":"1"}}""");
        yield return Case(new TableUpdate.RemoveProperties(["a"]), """{"action":"remove-properties","removals":["a"]}""");
        yield return Case(new TableUpdate.RemovePartitionSpecs([3]), """{"action":"remove-partition-specs","spec-ids":[3]}""");
        yield return Case(new TableUpdate.RemoveSchemas([3]), """{"action":"remove-schemas","schema-ids":[3]}""");
        yield return Case(
            new TableUpdate.SetSnapshotRef("main", SnapshotRef.Branch(7) with { MaxRefAgeMs = 5 }),
            """{"action":"set-snapshot-ref","ref-name":"main","type":"branch","snapshot-id":7,"max-ref-age-ms":5}""");
        yield return Case(
            new TableUpdate.AddSnapshot(new Snapshot
            {
                SnapshotId = 9,
                SequenceNumber = 1,
                TimestampMs = 5,
                ManifestList = "s3://b/l.avro",
                SchemaId = 0,
                Summary = new Dictionary<string, string> { ["operation"] = "append" },
            }),
            """{"action":"add-snapshot","snapshot":{"snapshot-id":9,"sequence-number":1,"timestamp-ms":5,"manifest-list":"s3://b/l.avro","summary":{"operation":"append"},"schema-id":0}}""");
    }

    static IEnumerable<TestCaseData> Requirements()
    {
        yield return Case(new TableRequirement.AssertCreate(), """{"type":"assert-create"}""");
        yield return Case(new TableRequirement.AssertTableUuid(Uuid), """{"type":"assert-table-uuid","uuid":"9c12d441-03fe-4693-9a96-a0705ddf69c1"}""");
        yield return Case(new TableRequirement.AssertRefSnapshotId("main", null), """{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":null}""");
        yield return Case(new TableRequirement.AssertRefSnapshotId("main", 5), """{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":5}""");
        yield return Case(new TableRequirement.AssertLastAssignedFieldId(5), """{"type":"assert-last-assigned-field-id","last-assigned-field-id":5}""");
        yield return Case(new TableRequirement.AssertCurrentSchemaId(5), """{"type":"assert-current-schema-id","current-schema-id":5}""");
        yield return Case(new TableRequirement.AssertLastAssignedPartitionId(5), """{"type":"assert-last-assigned-partition-id","last-assigned-partition-id":5}""");
        yield return Case(new TableRequirement.AssertDefaultSpecId(5), """{"type":"assert-default-spec-id","default-spec-id":5}""");
        yield return Case(new TableRequirement.AssertDefaultSortOrderId(5), """{"type":"assert-default-sort-order-id","default-sort-order-id":5}""");
    }

    [TestCaseSource(nameof(Updates))]
    public void An_update_is_written_as_specified(TableUpdate update, string expected) => Assert.That(Json(update.Write), Is.EqualTo(expected));

    [TestCaseSource(nameof(Requirements))]
    public void A_requirement_is_written_as_specified(TableRequirement requirement, string expected) => Assert.That(Json(requirement.Write), Is.EqualTo(expected));

    [Test]
    public void A_schema_is_sent_with_its_own_id_and_the_last_column_id()
    {
        var json = JsonElement.Parse(Json(new TableUpdate.AddSchema(CatalogTables.Schema with { SchemaId = 4 }, LastColumnId: 9).Write));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.GetProperty("schema").GetProperty("schema-id").GetInt32(), Is.EqualTo(4));
            Assert.That(json.GetProperty("last-column-id").GetInt32(), Is.EqualTo(9));
        }
    }

    [Test]
    public void A_snapshot_without_operation_or_manifest_list_cannot_be_sent()
    {
        var snapshot = new Snapshot { SnapshotId = 9, TimestampMs = 5, Summary = new Dictionary<string, string>(), ManifestList = "s3://b/l.avro" };
        var listless = snapshot with { ManifestList = null, Summary = new Dictionary<string, string> { ["operation"] = "append" } };
        using (Assert.EnterMultipleScope())
        {
            Assert.Throws<InvalidOperationException>(() => Json(snapshot.Write));
            Assert.Throws<InvalidOperationException>(() => Json(listless.Write));
        }
    }

    static TestCaseData Case(object value, string json) => new(value, json);

    static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            write(json);
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
