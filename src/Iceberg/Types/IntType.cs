namespace Philotes.Iceberg.Types;

/// <summary>32-bit signed integer; value <see cref="int"/>.</summary>
public sealed record IntType : IcebergType
{
    public override string ToString() => "int";
}
