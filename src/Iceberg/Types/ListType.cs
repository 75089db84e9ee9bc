namespace Philotes.Iceberg.Types;

/// <summary>A list; its element is a field with an id of its own.</summary>
public sealed record ListType(int ElementId, IcebergType Element, bool ElementRequired) : IcebergType
{
    public override string ToString() => $"list<{Element}>";
}
