namespace Philotes.Iceberg.Types;

/// <summary>Bytes of any length; value <see cref="byte"/> array.</summary>
public sealed record BinaryType : IcebergType
{
    public override string ToString() => "binary";
}
