using System.Buffers.Binary;

namespace Philotes.Shared;

/// <summary>What stands in one column of a tuple. The value is pgoutput's byte.</summary>
public enum TupleValueKind : byte
{
    Null = (byte)'n',
    /// <summary>A TOASTed value that the source did not send because it did not change. It is not a value and never NULL.</summary>
    Unchanged = (byte)'u',
    /// <summary>The server's text of the value, UTF-8.</summary>
    Text = (byte)'t',
}

/// <summary>
/// Reads a pgoutput TupleData (Postgres manual, Logical Replication Message Formats) column by column without copying:
/// <code>int16 columns, then per column: 'n' | 'u' | 't' int32 length, bytes</code>
/// Every length is checked against what is left, so that a hostile or torn tuple is an error and never an over-read.
/// </summary>
public ref struct TupleReader
{
    private ReadOnlySpan<byte> _rest;

    public TupleReader(ReadOnlySpan<byte> tuple)
    {
        if (tuple.Length < 2)
        {
            throw Torn("is shorter than its column count");
        }

        ColumnCount = BinaryPrimitives.ReadUInt16BigEndian(tuple);
        _rest = tuple[2..];
    }

    public int ColumnCount { get; }

    /// <summary>Bytes behind the last column read: what follows the tuple in its message.</summary>
    public readonly int RemainingByteCount => _rest.Length;

    /// <summary>The next column. <paramref name="text"/> is empty unless the kind is <see cref="TupleValueKind.Text"/>.</summary>
    public TupleValueKind Next(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_rest.IsEmpty)
        {
            throw Torn("ends before its last column");
        }

        var kind = (TupleValueKind)_rest[0];
        switch (kind)
        {
            case TupleValueKind.Null or TupleValueKind.Unchanged:
                _rest = _rest[1..];
                return kind;
            case TupleValueKind.Text when _rest.Length >= 5:
                var length = BinaryPrimitives.ReadInt32BigEndian(_rest[1..]);
                if (length < 0 || length > _rest.Length - 5)
                {
                    throw Torn($"announces a value of {length} bytes where {_rest.Length - 5} are left");
                }

                text = _rest.Slice(5, length);
                _rest = _rest[(5 + length)..];
                return kind;
            default:
                throw Torn($"holds a column of kind 0x{_rest[0]:x2}");
        }
    }

    /// <summary>Byte length of the tuple at the start of <paramref name="message"/>.</summary>
    public static int Measure(ReadOnlySpan<byte> message)
    {
        var reader = new TupleReader(message);
        for (var i = 0; i < reader.ColumnCount; i++)
        {
            reader.Next(out _);
        }

        return message.Length - reader._rest.Length;
    }

    private static PhilotesException Torn(string how) =>
        new("PH900", $"A pgoutput tuple {how}: the stream or the buffer is damaged. Keep the buffer and report this.");
}
