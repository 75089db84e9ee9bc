using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace Philotes.Iceberg.Types;

/// <summary>
/// Single values as bytes (Iceberg spec, Appendix D): the form of column bounds and partition summaries.
/// <code>
/// boolean                      1 byte, 00 or 01
/// int, date                    4 bytes, little-endian
/// long, time, timestamp[tz]    8 bytes, little-endian
/// float, double                4 or 8 bytes, IEEE 754, little-endian
/// string                       UTF-8
/// uuid                         16 bytes, big-endian
/// decimal                      unscaled, two's complement, big-endian, as few bytes as hold it
/// fixed, binary                as they are
/// </code>
/// Nested types have no single-value form.
/// </summary>
public static class SingleValue
{
    /// <summary>Encodes a value of the CLR type that the Iceberg type's summary names.</summary>
    public static byte[] Encode(IcebergType type, object value) => (type, value) switch
    {
        (BooleanType, bool v) => [v ? (byte)1 : (byte)0],
        (IntType or DateType, int v) => Fixed(4, v, static (span, v) => BinaryPrimitives.WriteInt32LittleEndian(span, v)),
        (LongType or TimeType or TimestampType or TimestampTzType, long v) => Fixed(8, v, static (span, v) => BinaryPrimitives.WriteInt64LittleEndian(span, v)),
        (FloatType, float v) => Fixed(4, v, static (span, v) => BinaryPrimitives.WriteSingleLittleEndian(span, v)),
        (DoubleType, double v) => Fixed(8, v, static (span, v) => BinaryPrimitives.WriteDoubleLittleEndian(span, v)),
        (StringType, string v) => Encoding.UTF8.GetBytes(v),
        (UuidType, Guid v) => v.ToByteArray(bigEndian: true),
        (DecimalType, Int128 v) => EncodeDecimal(v),
        (FixedType or BinaryType, byte[] v) => v,
        _ => throw new ArgumentException($"A {value?.GetType().Name ?? "null"} is not a value of type {type}.", nameof(value)),
    };

    /// <summary>Decodes a value; an int's or float's bytes are accepted for long and double, as after a type promotion.</summary>
    /// <exception cref="IcebergFormatException">The bytes have a length that the type cannot have.</exception>
    public static object Decode(IcebergType type, ReadOnlySpan<byte> bytes) => (type, bytes.Length) switch
    {
        (BooleanType, 1) => bytes[0] != 0,
        (IntType or DateType, 4) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        (LongType, 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
        (LongType or TimeType or TimestampType or TimestampTzType, 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        (FloatType, 4) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        (DoubleType, 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
        (DoubleType, 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        (StringType, _) => Encoding.UTF8.GetString(bytes),
        (UuidType, 16) => new Guid(bytes, bigEndian: true),
        (DecimalType, >= 1 and <= 16) => DecodeDecimal(bytes),
        (FixedType or BinaryType, _) => bytes.ToArray(),
        _ => throw new IcebergFormatException($"{bytes.Length} bytes are not a value of type {type}."),
    };

    /// <summary>An unscaled decimal in as few big-endian two's complement bytes as hold it; one byte for zero.</summary>
    public static byte[] EncodeDecimal(Int128 unscaled)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, unscaled);
        var first = 0;
        while (first < 15 && bytes[first] == (unscaled < 0 ? 0xFF : 0x00) && (bytes[first + 1] & 0x80) == (unscaled < 0 ? 0x80 : 0x00))
        {
            first++;
        }

        return bytes[first..].ToArray();
    }

    /// <summary>Big-endian two's complement of 1 to 16 bytes.</summary>
    public static Int128 DecodeDecimal(ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(bytes.Length is >= 1 and <= 16, "a decimal has 1 to 16 bytes");
        Span<byte> full = stackalloc byte[16];
        full.Fill((bytes[0] & 0x80) != 0 ? (byte)0xFF : (byte)0x00);
        bytes.CopyTo(full[^bytes.Length..]);
        return BinaryPrimitives.ReadInt128BigEndian(full);
    }

    private static byte[] Fixed<T>(int length, T value, Action<Span<byte>, T> write)
    {
        var bytes = new byte[length];
        write(bytes, value);
        return bytes;
    }
}
