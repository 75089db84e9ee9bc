using System.Buffers.Binary;
using System.Numerics;

namespace Philotes.Buffer;

/// <summary>CRC-32C (Castagnoli) as RFC 3720 defines it, eight bytes a step.</summary>
internal static class Crc32C
{
    /// <summary>Continues <paramref name="crc"/>, 0 at the start, over <paramref name="bytes"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
