using System.Buffers.Binary;
using System.Numerics;

namespace Philotes.Iceberg.Partitioning;

/// <summary>MurmurHash3, x86, 32 bits, seed 0: the hash of the bucket transform (Iceberg spec, Appendix B).</summary>
public static class Murmur3
{
    private const uint C1 = 0xCC9E2D51;
    private const uint C2 = 0x1B873593;

    /// <summary>Hashes the eight little-endian bytes that int, long, date, time and timestamp values have in common.</summary>
    public static int Hash(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Hash(bytes);
    }

    public static int Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 0u;
        var rest = bytes;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash ^= Mix(BinaryPrimitives.ReadUInt32LittleEndian(rest));
            hash = (BitOperations.RotateLeft(hash, 13) * 5) + 0xE6546B64;
        }

        if (!rest.IsEmpty)
        {
            Span<byte> tail = stackalloc byte[4];
            tail.Clear();
            rest.CopyTo(tail);
            hash ^= Mix(BinaryPrimitives.ReadUInt32LittleEndian(tail));
        }

        return (int)Finish(hash ^ (uint)bytes.Length);
    }

    private static uint Mix(uint block) => BitOperations.RotateLeft(block * C1, 15) * C2;

    private static uint Finish(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
