using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;

namespace Philotes.Iceberg.Parquet;

/// <summary>Writes a tree in Thrift's compact protocol; <see cref="ThriftCompactReader"/> tells the form.</summary>
internal sealed class ThriftCompactWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public static byte[] Write(ThriftValue.Struct value)
    {
        var writer = new ThriftCompactWriter();
        writer.WriteStruct(value);
        return writer._bytes.WrittenSpan.ToArray();
    }

    private void WriteStruct(ThriftValue.Struct value)
    {
        short previous = 0;
        foreach (var (id, field) in value.Fields)
        {
            var type = field is ThriftValue.Boolean boolean ? BooleanType(boolean) : TypeOf(field);
            WriteFieldHeader(id - previous, id, type);
            if (field is not ThriftValue.Boolean)
                WriteValue(field);
            previous = id;
        }
        WriteByte((byte)ThriftType.Stop);
    }

    private void WriteFieldHeader(int delta, short id, ThriftType type)
    {
        if (delta is >= 1 and <= 15)
        {
            WriteByte((byte)(delta << 4 | (int)type));
            return;
        }
        WriteByte((byte)type);
        WriteZigzag(id);
    }

    private void WriteValue(ThriftValue value)
    {
        switch (value)
        {
            case ThriftValue.Boolean boolean: WriteByte((byte)BooleanType(boolean)); break;
            case ThriftValue.Integer { Width: ThriftType.Byte } integer: WriteByte((byte)integer.Value); break;
            case ThriftValue.Integer integer: WriteZigzag(integer.Value); break;
            case ThriftValue.Double number: WriteDouble(number.Value); break;
            case ThriftValue.Binary binary: WriteBinary(binary.Value); break;
            case ThriftValue.List list: WriteList(list); break;
            case ThriftValue.Struct inner: WriteStruct(inner); break;
            default: throw new UnreachableException();
        }
    }

    private void WriteList(ThriftValue.List list)
    {
        var count = list.Elements.Count;
        WriteByte((byte)(Math.Min(count, 15) << 4 | (int)list.ElementType));
        if (count >= 15)
            WriteVarint((ulong)count);
        list.Elements.ForEach(WriteValue);
    }

    private void WriteBinary(byte[] value)
    {
        WriteVarint((ulong)value.Length);
        _bytes.Write(value);
    }

    private void WriteDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    private void WriteZigzag(long value) => WriteVarint((ulong)(value << 1 ^ value >> 63));

    private void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            WriteByte((byte)(value | 0x80));
        WriteByte((byte)value);
    }

    private void WriteByte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    private static ThriftType BooleanType(ThriftValue.Boolean value) => value.Value ? ThriftType.True : ThriftType.False;

    private static ThriftType TypeOf(ThriftValue value) => value switch
    {
        ThriftValue.Integer integer => integer.Width,
        ThriftValue.Double => ThriftType.Double,
        ThriftValue.Binary => ThriftType.Binary,
        ThriftValue.List list => list.Kind,
        ThriftValue.Struct => ThriftType.Struct,
        _ => throw new UnreachableException(),
    };
}
