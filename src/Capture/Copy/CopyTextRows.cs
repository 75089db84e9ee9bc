using System.Buffers;
using System.Buffers.Binary;
using Philotes.Shared;

namespace Philotes.Capture.Copy;

/// <summary>
/// Turns COPY's text format (Postgres manual, COPY, Text Format) into the tuples that pgoutput would have sent, byte for byte, so that a
/// value takes the same way from here on.
/// <code>
/// column: \N is NULL; else the text with \b \f \n \r \t \v and \\ for what they stand for; tab between columns, newline behind the row
/// tuple:  int16 columns, per column 'n' | 't' int32 length, bytes
/// </code>
/// Holds one row and what the last read brought with it.
/// </summary>
internal sealed class CopyTextRows(Stream stream, int columnCount) : IDisposable
{
    private const int FirstLength = 256 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstLength);
    private byte[] _tuple = ArrayPool<byte>.Shared.Rent(FirstLength);
    private int _start;
    private int _seen;
    private int _end;
    private int _tupleLength;

    /// <summary>The row of the last <see cref="TryTake"/>; valid until the next.</summary>
    public ReadOnlySpan<byte> Tuple => _tuple.AsSpan(0, _tupleLength);

    /// <summary>Takes the next row that is here whole.</summary>
    public bool TryTake()
    {
        var newline = _buffer.AsSpan(_seen, _end - _seen).IndexOf((byte)'\n');
        if (newline < 0)
        {
            _seen = _end;
            return false;
        }

        var line = _buffer.AsSpan(_start, _seen + newline - _start);
        _start = _seen = _seen + newline + 1;
        Encode(line);
        return true;
    }

    /// <summary>Reads on. False: the source has sent everything.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0 && _start != _end)
        {
            throw Torn("ends inside of a row");
        }

        _end += read;
        return read > 0;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        ArrayPool<byte>.Shared.Return(_tuple);
        (_buffer, _tuple) = ([], []);
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_seen, _end, _start) = (_seen - _start, _end - _start, 0);
        }

        if (_end == _buffer.Length)
        {
            Grow(ref _buffer, _end, _buffer.Length + 1);
        }
    }

    private void Encode(ReadOnlySpan<byte> line)
    {
        // A value is never longer than its text, and each column adds five bytes.
        var longest = 2 + line.Length + (5 * columnCount);
        if (_tuple.Length < longest)
        {
            Grow(ref _tuple, 0, longest);
        }

        BinaryPrimitives.WriteInt16BigEndian(_tuple, (short)columnCount);
        _tupleLength = 2;
        for (var column = 0; column < columnCount; column++)
        {
            var tab = column == columnCount - 1 ? line.Length : line.IndexOf((byte)'\t');
            if (tab < 0)
            {
                throw Torn($"has a row of {column + 1} columns where {columnCount} belong");
            }

            Append(line[..tab]);
            line = line[Math.Min(tab + 1, line.Length)..];
        }

        if (!line.IsEmpty)
        {
            throw Torn($"has a row of more than {columnCount} columns");
        }
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'\\', (byte)'N'])
        {
            _tuple[_tupleLength++] = (byte)TupleValueKind.Null;
            return;
        }

        var target = _tuple.AsSpan(_tupleLength);
        target[0] = (byte)TupleValueKind.Text;
        var length = Unescape(text, target[5..]);
        BinaryPrimitives.WriteInt32BigEndian(target[1..], length);
        _tupleLength += 5 + length;
    }

    private static int Unescape(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var length = 0;
        while (true)
        {
            var escape = text.IndexOf((byte)'\\');
            var plain = escape < 0 ? text : text[..escape];
            plain.CopyTo(target[length..]);
            length += plain.Length;
            if (escape < 0)
            {
                return length;
            }

            target[length++] = text[escape + 1] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'v' => (byte)'\v',
                var other => other,
            };
            text = text[(escape + 2)..];
        }
    }

    private static void Grow(ref byte[] array, int used, int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(2L * array.Length, needed)));
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(array);
        array = larger;
    }

    private static PhilotesException Torn(string how) => new("PH900", $"The source's COPY {how}. Nothing of this range was published; report this.");
}
