namespace Philotes.Iceberg.Types;

/// <summary>True or false; value <see cref="bool"/>.</summary>
public sealed record BooleanType : IcebergType
{
    public override string ToString() => "boolean";
}
