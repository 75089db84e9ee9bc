using System.Text.Json;
using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Tests.Metadata;

public sealed class TableMetadataTests
{
    const string Version1 = """
        {"format-version":1,"location":"s3://bucket/orders/","last-updated-ms":1602638573874,"last-column-id":1,
         "schema":{"type":"struct","fields":[{"id":1,"name":"x","required":true,"type":"long"}]},
         "partition-spec":[],"properties":{},"current-snapshot-id":-1,"snapshots":[]}
        """;

    const string Version2 = """
        {"format-version":2,"table-uuid":"9c12d441-03fe-4693-9a96-a0705ddf69c1","location":"s3://bucket/orders","last-sequence-number":34,
         "last-updated-ms":1602638573590,"last-column-id":1,"current-schema-id":1,
         "schemas":[{"type":"struct","schema-id":0,"fields":[]},{"type":"struct","schema-id":1,"fields":[{"id":1,"name":"x","required":true,"type":"long"}]}],
         "default-spec-id":0,"partition-specs":[{"spec-id":0,"fields":[{"name":"x","transform":"identity","source-id":1,"field-id":1000}]}],
         "last-partition-id":1000,"default-sort-order-id":0,"sort-orders":[{"order-id":0,"fields":[]}],"properties":{"a":"b"},
         "current-snapshot-id":3055729675574597004,"refs":{"main":{"snapshot-id":3055729675574597004,"type":"branch","min-snapshots-to-keep":3}},
         "snapshots":[
           {"snapshot-id":3051729675574597004,"timestamp-ms":1515100955770,"sequence-number":0,"summary":{"operation":"append"},"manifest-list":"s3://a/1.avro"},
           {"snapshot-id":3055729675574597004,"parent-snapshot-id":3051729675574597004,"timestamp-ms":1555100955770,"sequence-number":1,
            "summary":{"operation":"append"},"manifest-list":"s3://a/2.avro","schema-id":1}],
         "snapshot-log":[{"snapshot-id":3051729675574597004,"timestamp-ms":1515100955770}],"metadata-log":[],"something-new":[1,{"deep":true}]}
        """;

    [Test]
    public void A_version_2_document_is_read_and_kept_whole()
    {
        var table = Read(Version2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(table.TableUuid, Is.EqualTo(Guid.Parse("9c12d441-03fe-4693-9a96-a0705ddf69c1")));
            Assert.That(table.LastSequenceNumber, Is.EqualTo(34));
            Assert.That(table.Schema.Fields.Single().Name, Is.EqualTo("x"));
            Assert.That(table.DefaultSpec.Fields, Has.Count.EqualTo(1));
            Assert.That(table.MainHistory().Select(snapshot => snapshot.SnapshotId), Is.EqualTo([3055729675574597004, 3051729675574597004]));
            Assert.That(table.MainRef?.MinSnapshotsToKeep, Is.EqualTo(3));
            Assert.That(table.Document.GetProperty("something-new")[1].GetProperty("deep").GetBoolean());
        }
    }

    [Test]
    public void A_version_1_document_has_the_values_that_the_specification_gives_it()
    {
        var table = Read(Version1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(table.TableUuid, Is.EqualTo(Guid.Empty));
            Assert.That(table.Location, Is.EqualTo("s3://bucket/orders"));
            Assert.That(table.CurrentSnapshot, Is.Null);
            Assert.That(table.Schema.Fields, Has.Count.EqualTo(1));
            Assert.That(table.LastPartitionId, Is.EqualTo(999));
        }
    }

    [TestCase("\"format-version\":2", "\"format-version\":4", "version 4")]
    [TestCase("\"last-updated-ms\":1602638573590,", "", "last-updated-ms")]
    [TestCase("\"last-sequence-number\":34", "\"last-sequence-number\":\"34\"", "last-sequence-number")]
    [TestCase("\"snapshots\":[", "\"snapshots\":{}, \"x\":[", "snapshots")]
    [TestCase("9c12d441-03fe-4693-9a96-a0705ddf69c1", "no-uuid", "no-uuid")]
    public void What_is_wrong_is_named(string found, string instead, string named)
    {
        var failure = Assert.Throws<IcebergFormatException>(() => Read(Version2.Replace(found, instead, StringComparison.Ordinal)));
        Assert.That(failure!.Message, Does.Contain(named));
    }

    [Test]
    public void A_document_cut_off_anywhere_is_a_format_error()
    {
        for (var length = 0; length < Version2.Length - 1; length += 7)
        {
            Assert.Throws<IcebergFormatException>(() => Read(Version2[..length]));
        }
    }

    [Test]
    public void A_snapshot_is_written_as_it_was_read()
    {
        var snapshot = Read(Version2).Snapshots[1];
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            snapshot.Write(json);
        }

        var again = Snapshot.Read(JsonElement.Parse(stream.ToArray()));
        Assert.That(again with { Summary = snapshot.Summary }, Is.EqualTo(snapshot));
        Assert.That(again.Summary, Is.EqualTo(snapshot.Summary));
    }

    static TableMetadata Read(string json) => TableMetadata.Parse(System.Text.Encoding.UTF8.GetBytes(json));
}
