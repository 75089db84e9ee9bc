namespace Philotes.Iceberg.Types;

/// <summary>Named fields in order. Two structs are equal when their fields are, one by one.</summary>
public sealed record StructType(IReadOnlyList<NestedField> Fields) : IcebergType
{
    public bool Equals(StructType? other) => other is not null && Fields.SequenceEqual(other.Fields);

    public override int GetHashCode() => Fields.Aggregate(Fields.Count, HashCode.Combine);

    public override string ToString() => $"struct<{string.Join(", ", Fields)}>";
}
