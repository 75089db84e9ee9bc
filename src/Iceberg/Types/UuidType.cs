namespace Philotes.Iceberg.Types;

/// <summary>Value <see cref="Guid"/>, 16 big-endian bytes when serialised.</summary>
public sealed record UuidType : IcebergType
{
    public override string ToString() => "uuid";
}
