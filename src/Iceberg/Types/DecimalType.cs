using System.Globalization;

namespace Philotes.Iceberg.Types;

/// <summary>A fixed-point number; value <see cref="Int128"/>, the number times ten to the power of <see cref="Scale"/>.</summary>
public sealed record DecimalType : IcebergType
{
    public const int MaxPrecision = 38;

    public DecimalType(int precision, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(precision, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, MaxPrecision);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, precision);
        Precision = precision;
        Scale = scale;
    }

    /// <summary>All digits, 1 to 38.</summary>
    public int Precision { get; }

    /// <summary>Digits after the point, 0 to <see cref="Precision"/>.</summary>
    public int Scale { get; }

    /// <summary>Bytes of the smallest two's complement number that holds every value: the length of its Avro and Parquet fixed.</summary>
    public int FixedLength
    {
        get
        {
            var largest = Int128.One;
            for (var digit = 0; digit < Precision; digit++)
            {
                largest *= 10;
            }

            var length = 1;
            for (var rest = (largest - 1) >> 7; rest > 0; rest >>= 8)
            {
                length++;
            }

            return length;
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"decimal({Precision}, {Scale})");
}
