using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Philotes.Iceberg.Partitioning;

/// <summary>The JSON form of partition specs and sort orders (Iceberg spec, Appendix C).</summary>
internal static class PartitionJson
{
    public static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static PartitionSpec ReadSpec(JsonElement json) =>
        Checked(json, "partition spec", static json => new PartitionSpec(json.GetProperty("spec-id").GetInt32(), ReadFields(json.GetProperty("fields"))));

    /// <summary>Reads the array of fields. A field without an id, as version 1 allows, gets the id of its place.</summary>
    public static PartitionField[] ReadFields(JsonElement json) => Checked(json, "partition spec", static json => json.EnumerateArray().Select((field, i) =>
        new PartitionField(
        field.GetProperty("source-id").GetInt32(),
        field.TryGetProperty("field-id", out var id) ? id.GetInt32() : PartitionSpec.FirstFieldId + i,
        field.GetProperty("name").GetString()!,
        Transform.Parse(field.GetProperty("transform").GetString()!))).ToArray());

    public static void WriteSpec(Utf8JsonWriter writer, PartitionSpec spec)
    {
        writer.WriteStartObject();
        writer.WriteNumber("spec-id", spec.SpecId);
        writer.WritePropertyName("fields");
        WriteFields(writer, spec.Fields);
        writer.WriteEndObject();
    }

    public static void WriteFields(Utf8JsonWriter writer, IReadOnlyList<PartitionField> fields)
    {
        writer.WriteStartArray();
        foreach (var field in fields)
        {
            writer.WriteStartObject();
            writer.WriteString("name", field.Name);
            writer.WriteString("transform", field.Transform.ToString());
            writer.WriteNumber("source-id", field.SourceId);
            writer.WriteNumber("field-id", field.FieldId);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static SortOrder ReadSortOrder(JsonElement json) => Checked(json, "sort order", static json => new SortOrder(
        json.GetProperty("order-id").GetInt32(),
        json.GetProperty("fields").EnumerateArray().Select(field => new SortField(
            Transform.Parse(field.GetProperty("transform").GetString()!),
            field.GetProperty("source-id").GetInt32(),
            field.GetProperty("direction").GetString() == "desc" ? SortDirection.Descending : SortDirection.Ascending,
            field.GetProperty("null-order").GetString() == "nulls-last" ? NullOrder.Last : NullOrder.First)).ToArray()));

    public static void WriteSortOrder(Utf8JsonWriter writer, SortOrder order)
    {
        writer.WriteStartObject();
        writer.WriteNumber("order-id", order.OrderId);
        writer.WriteStartArray("fields");
        foreach (var field in order.Fields)
        {
            writer.WriteStartObject();
            writer.WriteString("transform", field.Transform.ToString());
            writer.WriteNumber("source-id", field.SourceId);
            writer.WriteString("direction", field.Direction == SortDirection.Descending ? "desc" : "asc");
            writer.WriteString("null-order", field.NullOrder == NullOrder.Last ? "nulls-last" : "nulls-first");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static T Checked<T>(JsonElement json, string what, Func<JsonElement, T> read)
    {
        try
        {
            return read(json);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            throw new IcebergFormatException($"The JSON is not an Iceberg {what}: {json.GetRawText()}", e);
        }
    }
}
