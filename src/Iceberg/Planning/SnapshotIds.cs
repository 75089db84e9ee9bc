using System.Buffers.Binary;

namespace Philotes.Iceberg.Planning;

/// <summary>Snapshot ids as the reference implementation makes them: both halves of a random UUID folded into a positive number.</summary>
public static class SnapshotIds
{
    /// <summary>The id made of a random UUID. The caller keeps it before the first send, so that a repeated send is recognised.</summary>
    public static long From(Guid random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.TryWriteBytes(bytes, bigEndian: true, out _);
        return (BinaryPrimitives.ReadInt64BigEndian(bytes) ^ BinaryPrimitives.ReadInt64BigEndian(bytes[8..])) & long.MaxValue;
    }
}
