using System.Buffers.Binary;

namespace Philotes.Iceberg.Parquet;

/// <summary>
/// Reads one struct of Thrift's compact protocol into a tree.
/// <code>
/// struct   field* 00
/// field    dddd tttt          id = previous id + d (1 to 15), type t
///          0000 tttt zigzag   id in full
/// boolean  in a field the type says it (1 true, 2 false); in a list a byte
/// integer  zigzag varint (i16, i32, i64); a byte as it is
/// double   8 bytes, little-endian
/// binary   varint length, bytes
/// list     nnnn tttt (n below 15) or 1111 tttt varint n, then the elements
/// </code>
/// Source: Thrift compact protocol specification. Maps and uuids do not occur in Parquet's footer and are refused.
/// </summary>
internal ref struct ThriftCompactReader(ReadOnlySpan<byte> bytes)
{
    private const int DepthMax = 64;
    private ReadOnlySpan<byte> _rest = bytes;
    private int _depth;

    public ThriftValue.Struct ReadStruct()
    {
        if (++_depth > DepthMax)
            throw Malformed("it nests too deeply");
        var fields = new SortedDictionary<short, ThriftValue>();
        short id = 0;
        for (var header = ReadByte(); header != 0; header = ReadByte())
        {
            id = header >> 4 == 0 ? (short)ReadZigzag() : (short)(id + (header >> 4));
            var type = (ThriftType)(header & 0x0F);
            fields[id] = type switch
            {
                ThriftType.True => new ThriftValue.Boolean(true),
                ThriftType.False => new ThriftValue.Boolean(false),
                _ => ReadValue(type),
            };
        }
        _depth--;
        return new ThriftValue.Struct(fields);
    }

    private ThriftValue ReadValue(ThriftType type) => type switch
    {
        ThriftType.True or ThriftType.False => new ThriftValue.Boolean(ReadByte() == 1),
        ThriftType.Byte => new ThriftValue.Integer(type, (sbyte)ReadByte()),
        ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64 => new ThriftValue.Integer(type, ReadZigzag()),
        ThriftType.Double => new ThriftValue.Double(BinaryPrimitives.ReadDoubleLittleEndian(Take(8))),
        ThriftType.Binary => new ThriftValue.Binary(Take(checked((int)ReadVarint())).ToArray()),
        ThriftType.List or ThriftType.Set => ReadList(type),
        ThriftType.Struct => ReadStruct(),
        _ => throw Malformed($"it has a value of type {type}"),
    };

    private ThriftValue.List ReadList(ThriftType kind)
    {
        var header = ReadByte();
        var count = header >> 4 == 15 ? checked((int)ReadVarint()) : header >> 4;
        var type = (ThriftType)(header & 0x0F);
        if (count > _rest.Length)
            throw Malformed($"it has a list of {count} elements in {_rest.Length} bytes");
        var elements = new List<ThriftValue>(count);
        for (var i = 0; i < count; i++)
            elements.Add(ReadValue(type));
        return new ThriftValue.List(kind, type, elements);
    }

    private long ReadZigzag()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = ReadByte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
        throw Malformed("it has an integer of more than 64 bits");
    }

    private byte ReadByte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw Malformed("it ends early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static IcebergFormatException Malformed(string fault) => new($"The Parquet footer is malformed: {fault}.");
}
