namespace Philotes.Iceberg.Types;

/// <summary>64-bit signed integer; value <see cref="long"/>.</summary>
public sealed record LongType : IcebergType
{
    public override string ToString() => "long";
}
