using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Philotes.Iceberg.Types;

/// <summary>A table's schema. Two schemas are equal when id, fields and identifier fields are.</summary>
/// <param name="SchemaId">The catalog's number of this schema; 0 for one that no catalog has seen.</param>
/// <param name="IdentifierFieldIds">The fields that identify a row; empty when unknown.</param>
public sealed record IcebergSchema(int SchemaId, IReadOnlyList<NestedField> Fields, IReadOnlyList<int> IdentifierFieldIds)
{
    public IcebergSchema(int schemaId, IReadOnlyList<NestedField> fields)
        : this(schemaId, fields, [])
    {
    }

    /// <summary>Reads the specification's JSON form. A missing schema-id reads as 0.</summary>
    /// <exception cref="IcebergFormatException">The JSON is not a schema.</exception>
    public static IcebergSchema Read(JsonElement json) => TypeJson.ReadSchema(json);

    /// <inheritdoc cref="Read"/>
    public static IcebergSchema Parse(string json)
    {
        using var document = TypeJson.ParseDocument(json);
        return Read(document.RootElement);
    }

    /// <summary>Writes the specification's JSON form, with its schema-id.</summary>
    public void Write(Utf8JsonWriter writer) => TypeJson.WriteSchema(writer, this);

    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The field with this id, however deep it lies, list elements and map keys and values included; null when there is none.</summary>
    public NestedField? FindField(int id) => AllFields().FirstOrDefault(field => field.Id == id);

    /// <summary>The top-level field of exactly this name; null when there is none.</summary>
    public NestedField? FindField(string name) => Fields.FirstOrDefault(field => field.Name == name);

    /// <summary>The largest id of all fields, nested ones included; 0 for a schema without fields.</summary>
    public int HighestFieldId() => AllFields().Select(field => field.Id).DefaultIfEmpty(0).Max();

    /// <summary>
    /// Every field, parents before children. A list's element appears as a field named <c>element</c>, a map's as <c>key</c> and <c>value</c>.
    /// </summary>
    public IEnumerable<NestedField> AllFields() => Fields.SelectMany(WithChildren);

    public bool Equals(IcebergSchema? other) =>
        other is not null && SchemaId == other.SchemaId && Fields.SequenceEqual(other.Fields) && IdentifierFieldIds.SequenceEqual(other.IdentifierFieldIds);

    public override int GetHashCode() => Fields.Aggregate(SchemaId, HashCode.Combine);

    /// <summary>The children of a field's type, as fields; empty for a primitive.</summary>
    public static IReadOnlyList<NestedField> ChildrenOf(IcebergType type) => type switch
    {
        StructType s => s.Fields,
        ListType l => [new NestedField(l.ElementId, "element", l.ElementRequired, l.Element)],
        MapType m => [new NestedField(m.KeyId, "key", Required: true, m.Key), new NestedField(m.ValueId, "value", m.ValueRequired, m.Value)],
        _ => [],
    };

    private static IEnumerable<NestedField> WithChildren(NestedField field) => ChildrenOf(field.Type).SelectMany(WithChildren).Prepend(field);
}
