using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Philotes.Iceberg.Avro;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Manifests;

/// <summary>
/// Partition tuples in Avro: the record <c>r102</c>, one optional field per partition field, by the partition field's id.
/// Decimals are fixed numbers of the least size, never bytes, and uuids fixed(16). A named type is written out once and then
/// referred to by name, as Avro wants it.
/// </summary>
internal static class PartitionAvro
{
    /// <summary>The JSON of the record's fields.</summary>
    public static string FieldsJson(StructType partitionType) => PartitionJson.Text(writer =>
    {
        var defined = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartArray();
        foreach (var field in partitionType.Fields)
        {
            WriteField(writer, field, defined);
        }

        writer.WriteEndArray();
    });

    public static object?[] Encode(StructType partitionType, PartitionValues values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Count, partitionType.Fields.Count);
        return partitionType.Fields.Select((field, i) => EncodeValue(field.Type, values[i])).ToArray();
    }

    /// <summary>Reads a tuple in the order of the spec, whatever the order in the file.</summary>
    public static PartitionValues Decode(AvroRow row, PartitionSpec spec) =>
        spec.Fields.Count == 0 ? PartitionValues.Empty : new(spec.Fields.Select(field => DecodeValue(row, field)).ToArray());

    private static void WriteField(Utf8JsonWriter writer, NestedField field, HashSet<string> defined)
    {
        var name = AvroName.Sanitize(field.Name);
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteStartArray("type");
        writer.WriteStringValue("null");
        WriteType(writer, field.Type, defined);
        writer.WriteEndArray();
        writer.WriteNull("default");
        writer.WriteNumber("field-id", field.Id);
        if (name != field.Name)
        {
            writer.WriteString("iceberg-field-name", field.Name);
        }

        writer.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter writer, IcebergType type, HashSet<string> defined)
    {
        switch (type)
        {
            case BooleanType:
                writer.WriteStringValue("boolean");
                break;
            case IntType:
                writer.WriteStringValue("int");
                break;
            case LongType:
                writer.WriteStringValue("long");
                break;
            case FloatType:
                writer.WriteStringValue("float");
                break;
            case DoubleType:
                writer.WriteStringValue("double");
                break;
            case StringType:
                writer.WriteStringValue("string");
                break;
            case BinaryType:
                writer.WriteStringValue("bytes");
                break;
            case DateType:
                writer.WriteRawValue("""{"type":"int","logicalType":"date"}""");
                break;
            case TimeType:
                writer.WriteRawValue("""{"type":"long","logicalType":"time-micros"}""");
                break;
            case TimestampType:
                writer.WriteRawValue("""{"type":"long","logicalType":"timestamp-micros","adjust-to-utc":false}""");
                break;
            case TimestampTzType:
                writer.WriteRawValue("""{"type":"long","logicalType":"timestamp-micros","adjust-to-utc":true}""");
                break;
            default:
                WriteFixed(writer, type, defined);
                break;
        }
    }

    private static void WriteFixed(Utf8JsonWriter writer, IcebergType type, HashSet<string> defined)
    {
        var (name, size, rest) = type switch
        {
            DecimalType d => (Text($"decimal_{d.Precision}_{d.Scale}"), d.FixedLength,
                Text($",\"logicalType\":\"decimal\",\"precision\":{d.Precision},\"scale\":{d.Scale}")),
            UuidType => ("uuid_fixed", 16, ",\"logicalType\":\"uuid\""),
            FixedType f => (Text($"fixed_{f.Length}"), f.Length, ""),
            _ => throw new NotSupportedException($"A partition value of type {type} is not written."),
        };
        if (defined.Add(name))
        {
            writer.WriteRawValue(Text($"{{\"type\":\"fixed\",\"name\":\"{name}\",\"size\":{size}{rest}}}"));
        }
        else
        {
            writer.WriteStringValue(name);
        }
    }

    private static object? EncodeValue(IcebergType type, object? value) => (type, value) switch
    {
        (_, null) => null,
        (DecimalType d, Int128 v) => SignExtended(v, d.FixedLength),
        (UuidType, Guid v) => v.ToByteArray(bigEndian: true),
        _ => value,
    };

    private static byte[] SignExtended(Int128 value, int length)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, value);
        return bytes[^length..];
    }

    private static object? DecodeValue(AvroRow row, PartitionField field)
    {
        var value = row[field.FieldId];
        return value is byte[] bytes ? LogicalTypeOf(row.SchemaOf(field.FieldId)) switch
        {
            "decimal" => SingleValue.DecodeDecimal(bytes),
            "uuid" => new Guid(bytes, bigEndian: true),
            _ => bytes,
        }
        : value;
    }

    private static string? LogicalTypeOf(AvroSchema schema) => schema switch
    {
        AvroSchema.Union union => union.Optional is { } branch ? LogicalTypeOf(branch) : null,
        AvroSchema.Fixed @fixed => @fixed.LogicalType,
        AvroSchema.Primitive primitive => primitive.LogicalType,
        _ => null,
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
