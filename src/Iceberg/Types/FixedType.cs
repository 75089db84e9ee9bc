using System.Globalization;

namespace Philotes.Iceberg.Types;

/// <summary>Bytes of one length; value <see cref="byte"/> array.</summary>
public sealed record FixedType : IcebergType
{
    public FixedType(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
    }

    public int Length { get; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"fixed[{Length}]");
}
