namespace Philotes.Iceberg.Types;

/// <summary>A moment; value <see cref="long"/>, microseconds since 1970-01-01T00:00 UTC.</summary>
public sealed record TimestampTzType : IcebergType
{
    public override string ToString() => "timestamptz";
}
