namespace Philotes.Iceberg.Types;

/// <summary>A time of day without date or time zone; value <see cref="long"/>, microseconds since midnight.</summary>
public sealed record TimeType : IcebergType
{
    public override string ToString() => "time";
}
