namespace Philotes.Shared;

/// <summary>A composite type, or a table's row type: its fields in order, dropped ones left out.</summary>
public sealed record CompositeType(IReadOnlyList<CompositeField> Fields) : PostgresType
{
    public bool Equals(CompositeType? other) => other is not null && Fields.SequenceEqual(other.Fields);

    public override int GetHashCode() => Fields.Aggregate(Fields.Count, HashCode.Combine);

    public override string ToString() => $"row({string.Join(", ", Fields)})";
}
