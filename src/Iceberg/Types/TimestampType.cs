namespace Philotes.Iceberg.Types;

/// <summary>A date and time without time zone; value <see cref="long"/>, microseconds since 1970-01-01T00:00.</summary>
public sealed record TimestampType : IcebergType
{
    public override string ToString() => "timestamp";
}
