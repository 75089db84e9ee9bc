using System.Text.Json;

namespace Philotes.Iceberg.Avro;

/// <summary>Reads one schema; remembers the named types it has met, by name and by full name.</summary>
internal sealed class AvroSchemaParser
{
    private readonly Dictionary<string, AvroSchema> _named = new(StringComparer.Ordinal);

    public AvroSchema Parse(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => ByName(json.GetString()!, logicalType: null),
        JsonValueKind.Array => new AvroSchema.Union(json.EnumerateArray().Select(Parse).ToArray()),
        JsonValueKind.Object => ParseObject(json),
        _ => throw new IcebergFormatException($"'{json.GetRawText()}' is not an Avro schema."),
    };

    private AvroSchema ParseObject(JsonElement json)
    {
        var type = json.GetProperty("type");
        var logicalType = json.TryGetProperty("logicalType", out var logical) ? logical.GetString() : null;
        return type.ValueKind != JsonValueKind.String ? Parse(type) : type.GetString() switch
        {
            "array" => new AvroSchema.Array(Parse(json.GetProperty("items"))),
            "map" => new AvroSchema.Map(Parse(json.GetProperty("values"))),
            "fixed" => Define(json, new AvroSchema.Fixed(json.GetProperty("name").GetString()!, json.GetProperty("size").GetInt32(), logicalType)),
            "record" => ParseRecord(json),
            var name => ByName(name!, logicalType),
        };
    }

    private AvroSchema.Record ParseRecord(JsonElement json)
    {
        var record = new AvroSchema.Record(json.GetProperty("name").GetString()!);
        Define(json, record);
        record.Fields.AddRange(json.GetProperty("fields").EnumerateArray().Select(field => new AvroField(
            field.GetProperty("name").GetString()!,
            Parse(field.GetProperty("type")),
            field.TryGetProperty("field-id", out var id) ? id.GetInt32() : null)));
        return record;
    }

    private T Define<T>(JsonElement json, T schema)
        where T : AvroSchema
    {
        var name = json.GetProperty("name").GetString()!;
        var qualified = json.TryGetProperty("namespace", out var space) ? $"{space.GetString()}.{name}" : name;
        if (!_named.TryAdd(qualified, schema))
        {
            throw new IcebergFormatException($"The Avro schema defines type '{qualified}' twice.");
        }

        _named.TryAdd(name, schema);
        return schema;
    }

    private AvroSchema ByName(string name, string? logicalType) => name switch
    {
        "null" => new AvroSchema.Primitive(AvroKind.Null, logicalType),
        "boolean" => new AvroSchema.Primitive(AvroKind.Boolean, logicalType),
        "int" => new AvroSchema.Primitive(AvroKind.Int, logicalType),
        "long" => new AvroSchema.Primitive(AvroKind.Long, logicalType),
        "float" => new AvroSchema.Primitive(AvroKind.Float, logicalType),
        "double" => new AvroSchema.Primitive(AvroKind.Double, logicalType),
        "bytes" => new AvroSchema.Primitive(AvroKind.Bytes, logicalType),
        "string" => new AvroSchema.Primitive(AvroKind.String, logicalType),
        _ => _named.TryGetValue(name, out var known)
            ? known
            : throw new IcebergFormatException($"The Avro schema uses type '{name}', which it does not define."),
    };
}
