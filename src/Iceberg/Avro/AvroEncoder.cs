using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Philotes.Iceberg.Avro;

/// <summary>
/// Avro's binary encoding (Avro specification, Binary Encoding). Integers are zigzag varints; text and bytes have a length before
/// them; an array is a block with its count, then an empty block; a union is the branch's number, then its value; a record is its
/// fields in order. A value is given as: null, bool, int, long, float, double, byte[] (bytes and fixed), string, a list of items, or
/// an object?[] with a record's fields in order.
/// </summary>
internal sealed class AvroEncoder(IBufferWriter<byte> output)
{
    public void Write(AvroSchema schema, object? value)
    {
        switch (schema)
        {
            case AvroSchema.Primitive primitive:
                WritePrimitive(primitive.Kind, value);
                break;
            case AvroSchema.Fixed @fixed:
                WriteFixed(@fixed, (byte[])value!);
                break;
            case AvroSchema.Union union:
                WriteOptional(union, value);
                break;
            case AvroSchema.Array array:
                WriteArray(array, (IReadOnlyList<object?>)value!);
                break;
            case AvroSchema.Record record:
                WriteRecord(record, (object?[])value!);
                break;
            default:
                throw new NotSupportedException($"Avro {schema.GetType().Name} is not written.");
        }
    }

    public void WriteLong(long value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var length = 0;
        var rest = (ulong)((value << 1) ^ (value >> 63));
        for (; rest >= 0x80; rest >>= 7)
        {
            bytes[length++] = (byte)(rest | 0x80);
        }

        bytes[length++] = (byte)rest;
        output.Write(bytes[..length]);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteLong(bytes.Length);
        output.Write(bytes);
    }

    public void WriteText(string text) => WriteBytes(Encoding.UTF8.GetBytes(text));

    private void WritePrimitive(AvroKind kind, object? value)
    {
        switch (kind, value)
        {
            case (AvroKind.Null, null):
                break;
            case (AvroKind.Boolean, bool v):
                output.Write([v ? (byte)1 : (byte)0]);
                break;
            case (AvroKind.Int, int v):
                WriteLong(v);
                break;
            case (AvroKind.Long, long v):
                WriteLong(v);
                break;
            case (AvroKind.Float, float v):
                BinaryPrimitives.WriteSingleLittleEndian(output.GetSpan(4), v);
                output.Advance(4);
                break;
            case (AvroKind.Double, double v):
                BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(8), v);
                output.Advance(8);
                break;
            case (AvroKind.Bytes, byte[] v):
                WriteBytes(v);
                break;
            case (AvroKind.String, string v):
                WriteText(v);
                break;
            default:
                throw new ArgumentException($"A {value?.GetType().Name ?? "null"} is not an Avro {kind}.", nameof(value));
        }
    }

    private void WriteFixed(AvroSchema.Fixed schema, byte[] value)
    {
        if (value.Length != schema.Size)
        {
            throw new ArgumentException($"{value.Length} bytes are not a {schema.Name} of {schema.Size} bytes.", nameof(value));
        }

        output.Write(value);
    }

    private void WriteOptional(AvroSchema.Union union, object? value)
    {
        var branch = union.Optional ?? throw new NotSupportedException("Only unions of null and one other type are written.");
        var isNull = value is null;
        WriteLong(ReferenceEquals(union.Branches[0], branch) == isNull ? 1 : 0);
        if (!isNull)
        {
            Write(branch, value);
        }
    }

    private void WriteArray(AvroSchema.Array array, IReadOnlyList<object?> items)
    {
        if (items.Count > 0)
        {
            WriteLong(items.Count);
            foreach (var item in items)
            {
                Write(array.Items, item);
            }
        }

        WriteLong(0);
    }

    private void WriteRecord(AvroSchema.Record record, object?[] values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, record.Fields.Count);
        for (var i = 0; i < values.Length; i++)
        {
            Write(record.Fields[i].Schema, values[i]);
        }
    }
}
