namespace Philotes.Iceberg.Types;

/// <summary>Unicode text; value <see cref="string"/>, UTF-8 when serialised.</summary>
public sealed record StringType : IcebergType
{
    public override string ToString() => "string";
}
