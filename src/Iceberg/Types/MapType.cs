namespace Philotes.Iceberg.Types;

/// <summary>A map; key and value are fields with ids of their own, and a key is never null.</summary>
public sealed record MapType(int KeyId, IcebergType Key, int ValueId, IcebergType Value, bool ValueRequired) : IcebergType
{
    public override string ToString() => $"map<{Key}, {Value}>";
}
