using System.Text.Json;

namespace Philotes.Iceberg.Avro;

/// <summary>
/// A parsed Avro schema (Avro 1.11 specification), as far as Iceberg's metadata files use it: no enums, no aliases, no defaults.
/// Named types are resolved, so that a second use of a name is the same object as its definition.
/// </summary>
internal abstract record AvroSchema
{
    private AvroSchema()
    {
    }

    /// <exception cref="IcebergFormatException">The text is no Avro schema, or one with a type that metadata files do not have.</exception>
    public static AvroSchema Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new AvroSchemaParser().Parse(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new IcebergFormatException("The text is not an Avro schema that this library reads.", e);
        }
    }

    public sealed record Primitive(AvroKind Kind, string? LogicalType) : AvroSchema;

    public sealed record Fixed(string Name, int Size, string? LogicalType) : AvroSchema;

    public sealed record Array(AvroSchema Items) : AvroSchema;

    public sealed record Map(AvroSchema Values) : AvroSchema;

    public sealed record Union(IReadOnlyList<AvroSchema> Branches) : AvroSchema
    {
        /// <summary>The branch that is not null, of a union of null and one other type; null for every other union.</summary>
        public AvroSchema? Optional => Branches.Count == 2 ? Branches.FirstOrDefault(branch => branch is not Primitive { Kind: AvroKind.Null }) : null;
    }

    /// <summary>A class and not a record of values, because its fields are filled after its name is known.</summary>
    public sealed record Record(string Name) : AvroSchema
    {
        public List<AvroField> Fields { get; } = [];

        public bool Equals(Record? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }
}
