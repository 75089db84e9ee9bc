namespace Philotes.Iceberg.Types;

/// <summary>A field of a schema or struct.</summary>
/// <param name="Id">Unique in the table's history, 1 or more; what data files are read by.</param>
/// <param name="Required">A required field never holds null.</param>
public sealed record NestedField(int Id, string Name, bool Required, IcebergType Type, string? Doc = null)
{
    public override string ToString() => $"{Id}: {Name}: {(Required ? "required" : "optional")} {Type}";
}
