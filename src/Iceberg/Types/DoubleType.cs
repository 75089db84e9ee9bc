namespace Philotes.Iceberg.Types;

/// <summary>64-bit IEEE 754 number; value <see cref="double"/>.</summary>
public sealed record DoubleType : IcebergType
{
    public override string ToString() => "double";
}
