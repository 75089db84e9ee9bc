using System.Buffers.Binary;
using System.Text;

namespace Philotes.Iceberg.Avro;

/// <summary>
/// Reads what <see cref="AvroEncoder"/> describes, by the schema of the writer. Every length and count is checked against what is left,
/// so that a torn or hostile file is an <see cref="IcebergFormatException"/> and never an over-read or a huge allocation.
/// </summary>
internal ref struct AvroDecoder(ReadOnlySpan<byte> bytes)
{
    private const int DepthMax = 64;
    private ReadOnlySpan<byte> _rest = bytes;
    private int _depth;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public object? Read(AvroSchema schema)
    {
        if (++_depth > DepthMax)
        {
            throw new IcebergFormatException("The Avro value is nested too deeply.");
        }

        var value = schema switch
        {
            AvroSchema.Primitive primitive => ReadPrimitive(primitive.Kind),
            AvroSchema.Fixed @fixed => Take(@fixed.Size).ToArray(),
            AvroSchema.Union union => Read(Branch(union)),
            AvroSchema.Array array => ReadArray(array),
            AvroSchema.Map map => ReadMap(map),
            AvroSchema.Record record => ReadRecord(record),
            _ => throw new IcebergFormatException($"Avro {schema.GetType().Name} is not read."),
        };
        _depth--;
        return value;
    }

    public long ReadLong()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw Torn("a number is longer than ten bytes");
    }

    public ReadOnlySpan<byte> ReadBytes() => Take(ReadLong());

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    public ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > _rest.Length)
        {
            throw Torn($"{length} bytes are announced and {_rest.Length} are left");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private static IcebergFormatException Torn(string why) => new($"The Avro data is torn or damaged: {why}.");

    private object? ReadPrimitive(AvroKind kind) => kind switch
    {
        AvroKind.Null => null,
        AvroKind.Boolean => Take(1)[0] != 0,
        AvroKind.Int => ReadLong() is >= int.MinValue and <= int.MaxValue and var number ? (int)number : throw Torn("an int is too large"),
        AvroKind.Long => ReadLong(),
        AvroKind.Float => BinaryPrimitives.ReadSingleLittleEndian(Take(4)),
        AvroKind.Double => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
        AvroKind.Bytes => ReadBytes().ToArray(),
        _ => ReadText(),
    };

    private AvroSchema Branch(AvroSchema.Union union) =>
        ReadLong() is >= 0 and var number && number < union.Branches.Count ? union.Branches[(int)number] : throw Torn("a union has no such branch");

    private object?[] ReadRecord(AvroSchema.Record record)
    {
        var values = new object?[record.Fields.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Read(record.Fields[i].Schema);
        }

        return values;
    }

    private List<object?> ReadArray(AvroSchema.Array array)
    {
        var items = new List<object?>();
        for (var count = BlockCount(); count > 0; count = BlockCount())
        {
            for (var i = 0L; i < count; i++)
            {
                items.Add(Read(array.Items));
            }
        }

        return items;
    }

    private Dictionary<string, object?> ReadMap(AvroSchema.Map map)
    {
        var entries = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var count = BlockCount(); count > 0; count = BlockCount())
        {
            for (var i = 0L; i < count; i++)
            {
                entries[ReadText()] = Read(map.Values);
            }
        }

        return entries;
    }

    /// <summary>The items of the next block; a negative count is followed by the block's size in bytes.</summary>
    private long BlockCount()
    {
        var count = ReadLong();
        if (count < 0)
        {
            _ = ReadLong();
            count = count == long.MinValue ? throw Torn("a block has too many items") : -count;
        }

        // Every item of metadata files takes a byte at least; so a count cannot exceed what is left.
        return count > _rest.Length ? throw Torn("a block has more items than bytes") : count;
    }
}
