using System.Buffers.Binary;
using System.Text;
using Philotes.Shared;

namespace Philotes.Capture.Decoding;

/// <summary>Reads the fields of one pgoutput message front to back. Every read is checked against what is left: a torn message is PH900, never an over-read.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> message)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    private ReadOnlySpan<byte> _rest = message;

    public readonly int Remaining => _rest.Length;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public Lsn Lsn() => new(BinaryPrimitives.ReadUInt64BigEndian(Take(8)));

    /// <summary>A name: UTF-8 up to a zero byte.</summary>
    public string Text()
    {
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
        {
            throw Torn("holds a name without an end");
        }

        var text = Utf8.GetString(_rest[..end]);
        _rest = _rest[(end + 1)..];
        return text;
    }

    /// <summary>The tuple that starts here, as it is.</summary>
    public ReadOnlySpan<byte> Tuple() => Take(TupleReader.Measure(_rest));

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw Torn($"needs {count} bytes where {_rest.Length} are left");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            throw Torn($"has {_rest.Length} bytes behind its end");
        }
    }

    public static PhilotesException Torn(string how) =>
        new("PH900", $"A pgoutput message {how}: the stream is damaged or of an unknown version. Nothing of it was acknowledged; report this.");
}
