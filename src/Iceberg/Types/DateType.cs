namespace Philotes.Iceberg.Types;

/// <summary>A calendar day without time zone; value <see cref="int"/>, days since 1970-01-01.</summary>
public sealed record DateType : IcebergType
{
    public override string ToString() => "date";
}
