namespace Philotes.Iceberg.Types;

/// <summary>32-bit IEEE 754 number; value <see cref="float"/>.</summary>
public sealed record FloatType : IcebergType
{
    public override string ToString() => "float";
}
