using System.Text.Json;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Partitioning;

/// <summary>How a table's rows are partitioned. Two specs are equal when id and fields are.</summary>
public sealed record PartitionSpec(int SpecId, IReadOnlyList<PartitionField> Fields)
{
    /// <summary>The id that a table's first partition field gets.</summary>
    public const int FirstFieldId = 1000;

    public static PartitionSpec Unpartitioned { get; } = new(0, []);

    public bool IsPartitioned => Fields.Any(part => part.Transform is not Transform.Void);

    /// <summary>
    /// Makes a spec of configuration texts such as <c>day(created_at)</c>, <c>bucket(16, id)</c> or <c>country</c>; see <see cref="TransformText"/>.
    /// </summary>
    public static PartitionSpec Parse(IReadOnlyList<string> texts, IcebergSchema schema) => TransformText.ParseSpec(texts, schema);

    /// <summary>Reads the specification's JSON form.</summary>
    /// <exception cref="IcebergFormatException">The JSON is not a partition spec.</exception>
    public static PartitionSpec Read(JsonElement json) => PartitionJson.ReadSpec(json);

    /// <summary>Writes the specification's JSON form.</summary>
    public void Write(Utf8JsonWriter writer) => PartitionJson.WriteSpec(writer, this);

    public string ToJson() => PartitionJson.Text(Write);

    /// <summary>The JSON array of the fields alone: what a manifest's header carries.</summary>
    public string FieldsToJson() => PartitionJson.Text(writer => PartitionJson.WriteFields(writer, Fields));

    /// <summary>The type of this spec's partition tuples: one optional field per partition field, with its id.</summary>
    public StructType PartitionType(IcebergSchema schema) => new(Fields
        .Select(field => new NestedField(field.FieldId, field.Name, Required: false, field.Transform.ResultType(SourceType(schema, field))))
        .ToArray());

    /// <summary>Partitions one row, of which the function gives the source columns' values by field id.</summary>
    public PartitionValues Partition(IcebergSchema schema, Func<int, object?> valueOfField) => new(Fields
        .Select(field => field.Transform.Apply(SourceType(schema, field), valueOfField(field.SourceId)))
        .ToArray());

    /// <summary>The folder of a partition, such as <c>created_at_day=2026-11-21/id_bucket=3</c>. For people only; readers take the manifest's values.</summary>
    public string PartitionPath(IcebergSchema schema, PartitionValues values) => string.Join('/', Fields.Select((field, i) =>
        $"{PartitionPathText.Escape(field.Name)}={PartitionPathText.Escape(PartitionPathText.Of(field.Transform, SourceType(schema, field), values[i]))}"));

    public bool Equals(PartitionSpec? other) => other is not null && SpecId == other.SpecId && Fields.SequenceEqual(other.Fields);

    public override int GetHashCode() => Fields.Aggregate(SpecId, HashCode.Combine);

    internal static IcebergType SourceType(IcebergSchema schema, PartitionField field) => field.Transform is Transform.Void
        ? schema.FindField(field.SourceId)?.Type ?? new IntType()
        : schema.FindField(field.SourceId)?.Type
            ?? throw new IcebergFormatException(
                $"Partition field '{field.Name}' is made of field {field.SourceId}, which schema {schema.SchemaId} does not have.");
}
