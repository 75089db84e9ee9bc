using System.Text.Json;
using Philotes.Iceberg.Avro;
using Philotes.Iceberg.Manifests;

namespace Philotes.Iceberg.Tests.Manifests;

/// <summary>The writer schemas against the specification's tables: name, id, and whether the field is required.</summary>
internal sealed class ManifestSchemaTests
{
    private const string Entry = """
        status 0 required, snapshot_id 1 optional, sequence_number 3 optional, file_sequence_number 4 optional, data_file 2 required,
        content 134 required, file_path 100 required, file_format 101 required, partition 102 required, record_count 103 required,
        file_size_in_bytes 104 required, column_sizes 108 optional, key 117 required, value 118 required, value_counts 109 optional,
        key 119 required, value 120 required, null_value_counts 110 optional, key 121 required, value 122 required,
        nan_value_counts 137 optional, key 138 required, value 139 required, lower_bounds 125 optional, key 126 required, value 127 required,
        upper_bounds 128 optional, key 129 required, value 130 required, key_metadata 131 optional, split_offsets 132 optional,
        equality_ids 135 optional, sort_order_id 140 optional, referenced_data_file 143 optional
        """;

    private const string List = """
        manifest_path 500 required, manifest_length 501 required, partition_spec_id 502 required, content 517 required,
        sequence_number 515 required, min_sequence_number 516 required, added_snapshot_id 503 required, added_files_count 504 required,
        existing_files_count 505 required, deleted_files_count 506 required, added_rows_count 512 required, existing_rows_count 513 required,
        deleted_rows_count 514 required, partitions 507 optional, contains_null 509 required, contains_nan 518 optional,
        lower_bound 510 optional, upper_bound 511 optional, key_metadata 519 optional
        """;

    [Test]
    public void The_entry_has_every_field_of_version_2_with_its_id() => Assert.That(Fields(ManifestAvro.EntrySchema("[]")), Is.EqualTo(Expected(Entry)));

    [Test]
    public void The_list_has_every_field_of_version_2_with_its_id() => Assert.That(Fields(ManifestAvro.ListSchema), Is.EqualTo(Expected(List)));

    [Test]
    public void Lists_have_element_ids_and_int_maps_are_marked()
    {
        Assert.That(ManifestAvro.ListSchema, Does.Contain("\"element-id\":508"));
        var entry = ManifestAvro.EntrySchema("[]");
        Assert.That(entry, Does.Contain("\"element-id\":133").And.Contain("\"element-id\":136").And.Contain("\"name\":\"k117_v118\""));
        Assert.That(entry.Split("\"logicalType\":\"map\""), Has.Length.EqualTo(7));
    }

    [Test]
    public void Partition_fields_are_optional_typed_and_defined_once()
    {
        using var json = JsonDocument.Parse(PartitionAvro.FieldsJson(ManifestSamples.Spec.PartitionType(ManifestSamples.Schema)));
        var types = json.RootElement.EnumerateArray().ToDictionary(field => field.GetProperty("name").GetString()!, field => field.GetProperty("type")[1].GetRawText());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(types["price"], Is.EqualTo("""{"type":"fixed","name":"decimal_9_2","size":4,"logicalType":"decimal","precision":9,"scale":2}"""));
            Assert.That(types["cost"], Is.EqualTo("\"decimal_9_2\""));
            Assert.That(types["key"], Does.Contain("uuid_fixed").And.Contain("\"logicalType\":\"uuid\""));
            Assert.That(types["created_at_day"], Is.EqualTo("""{"type":"int","logicalType":"date"}"""));
            Assert.That(types["created_at_hour"], Is.EqualTo("\"int\""));
            Assert.That(types["id_bucket"], Is.EqualTo("\"int\""));
            Assert.That(types, Does.ContainKey("order_x20by"));
            Assert.That(json.RootElement.EnumerateArray().All(field => field.GetProperty("default").ValueKind == JsonValueKind.Null && field.TryGetProperty("field-id", out _)));
        }
    }

    private static string[] Expected(string text) => text.Split(',').Select(field => field.Trim()).ToArray();

    private static List<string> Fields(string schema)
    {
        AvroSchema.Parse(schema);
        var fields = new List<string>();
        using var json = JsonDocument.Parse(schema);
        Walk(json.RootElement, fields);
        return fields;
    }

    private static void Walk(JsonElement json, List<string> fields)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var branch in json.EnumerateArray())
            {
                Walk(branch, fields);
            }
        }
        else if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("items", out var items))
        {
            Walk(items, fields);
        }
        else if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("fields", out var members))
        {
            foreach (var field in members.EnumerateArray())
            {
                var isOptional = field.GetProperty("type").ValueKind == JsonValueKind.Array;
                Assert.That(field.TryGetProperty("default", out _), Is.EqualTo(isOptional), $"{field}");
                fields.Add($"{field.GetProperty("name")} {field.GetProperty("field-id")} {(isOptional ? "optional" : "required")}");
                Walk(field.GetProperty("type"), fields);
            }
        }
    }
}
