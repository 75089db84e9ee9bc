using System.Buffers.Binary;

namespace Philotes.DuckDb;

/// <summary>DuckDB keeps a uuid as a 128-bit integer whose top bit is flipped, so that signed order is the order of the bytes.</summary>
public static class UuidValue
{
    /// <param name="bytes">The 16 bytes in the order they are printed.</param>
    public static Int128 FromBytes(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt128BigEndian(bytes) ^ Int128.MinValue;

    public static Int128 FromGuid(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return FromBytes(bytes);
    }
}
