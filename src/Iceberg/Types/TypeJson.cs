using System.Text.Json;

namespace Philotes.Iceberg.Types;

/// <summary>The JSON form of types and schemas (Iceberg spec, Appendix C). Every error is an <see cref="IcebergFormatException"/>.</summary>
internal static class TypeJson
{
    public static JsonDocument ParseDocument(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new IcebergFormatException("The text is not JSON.", e);
        }
    }

    public static IcebergSchema ReadSchema(JsonElement json) => Checked(json, "schema", static json => new IcebergSchema(
        json.TryGetProperty("schema-id", out var id) ? id.GetInt32() : 0,
        ReadFields(json),
        json.TryGetProperty("identifier-field-ids", out var ids) && ids.ValueKind == JsonValueKind.Array
            ? ids.EnumerateArray().Select(e => e.GetInt32()).ToArray()
            : []));

    public static IcebergType ReadType(JsonElement json) => Checked(json, "type", static json => json.ValueKind == JsonValueKind.String
        ? IcebergType.Parse(json.GetString()!)
        : json.GetProperty("type").GetString() switch
        {
            "struct" => new StructType(ReadFields(json)),
            "list" => new ListType(
                json.GetProperty("element-id").GetInt32(), ReadType(json.GetProperty("element")), json.GetProperty("element-required").GetBoolean()),
            "map" => new MapType(
                json.GetProperty("key-id").GetInt32(),
                ReadType(json.GetProperty("key")),
                json.GetProperty("value-id").GetInt32(),
                ReadType(json.GetProperty("value")),
                json.GetProperty("value-required").GetBoolean()),
            var other => throw new IcebergFormatException($"'{other}' is not a nested type; struct, list and map are."),
        });

    public static void WriteSchema(Utf8JsonWriter writer, IcebergSchema schema)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "struct");
        writer.WriteNumber("schema-id", schema.SchemaId);
        if (schema.IdentifierFieldIds.Count > 0)
        {
            writer.WriteStartArray("identifier-field-ids");
            foreach (var id in schema.IdentifierFieldIds)
            {
                writer.WriteNumberValue(id);
            }

            writer.WriteEndArray();
        }

        WriteFields(writer, schema.Fields);
        writer.WriteEndObject();
    }

    public static void WriteType(Utf8JsonWriter writer, IcebergType type)
    {
        if (!type.IsNested)
        {
            writer.WriteStringValue(type.ToString());
            return;
        }

        writer.WriteStartObject();
        WriteNested(writer, type);
        writer.WriteEndObject();
    }

    private static void WriteNested(Utf8JsonWriter writer, IcebergType type)
    {
        switch (type)
        {
            case StructType s:
                writer.WriteString("type", "struct");
                WriteFields(writer, s.Fields);
                break;
            case ListType l:
                writer.WriteString("type", "list");
                WriteChild(writer, "element", l.ElementId, l.Element);
                writer.WriteBoolean("element-required", l.ElementRequired);
                break;
            case MapType m:
                writer.WriteString("type", "map");
                WriteChild(writer, "key", m.KeyId, m.Key);
                WriteChild(writer, "value", m.ValueId, m.Value);
                writer.WriteBoolean("value-required", m.ValueRequired);
                break;
        }
    }

    private static void WriteChild(Utf8JsonWriter writer, string name, int id, IcebergType type)
    {
        writer.WriteNumber(name + "-id", id);
        writer.WritePropertyName(name);
        WriteType(writer, type);
    }

    private static void WriteFields(Utf8JsonWriter writer, IReadOnlyList<NestedField> fields)
    {
        writer.WriteStartArray("fields");
        foreach (var field in fields)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", field.Id);
            writer.WriteString("name", field.Name);
            writer.WriteBoolean("required", field.Required);
            writer.WritePropertyName("type");
            WriteType(writer, field.Type);
            if (field.Doc is not null)
            {
                writer.WriteString("doc", field.Doc);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static NestedField[] ReadFields(JsonElement json) => json.GetProperty("fields").EnumerateArray().Select(field => new NestedField(
        field.GetProperty("id").GetInt32(),
        field.GetProperty("name").GetString() ?? throw new IcebergFormatException("A field's name is null."),
        field.GetProperty("required").GetBoolean(),
        ReadType(field.GetProperty("type")),
        field.TryGetProperty("doc", out var doc) ? doc.GetString() : null)).ToArray();

    private static T Checked<T>(JsonElement json, string what, Func<JsonElement, T> read)
    {
        try
        {
            return read(json);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new IcebergFormatException($"The JSON is not an Iceberg {what}: {json.GetRawText()}", e);
        }
    }
}
