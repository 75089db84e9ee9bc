using System.Buffers;
using System.Buffers.Binary;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Cuts a COPY BINARY stream into rows in a pooled buffer, which grows to the longest row and no further. Every length is checked; a
/// stream that ends inside a row is an error.
/// </summary>
internal sealed class CopyRowReader(Stream stream, int fieldCount) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _start;
    private int _end;
    private bool _began;

    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, 2L * _bytes.Length));
            _bytes.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        var read = await stream.ReadAsync(_bytes.AsMemory(_end), cancellationToken);
        _end += read;
        return read > 0;
    }

    /// <summary>
    /// Takes the next whole row off the buffer: true with the row, false with <paramref name="ended"/> when the trailer was reached, else
    /// false because more bytes are needed.
    /// </summary>
    public bool TryTake(out ReadOnlySpan<byte> row, out bool ended)
    {
        row = default;
        ended = false;
        var rest = _bytes.AsSpan(_start, _end - _start);
        if (!_began)
        {
            if (rest.Length < EventWire.Header.Length)
            {
                return false;
            }

            _start += EventWire.Header.Length;
            rest = rest[EventWire.Header.Length..];
            _began = true;
        }

        if (rest.Length < 2)
        {
            return false;
        }

        var fields = BinaryPrimitives.ReadInt16BigEndian(rest);
        if (fields == -1)
        {
            ended = true;
            return false;
        }

        if (fields != fieldCount)
        {
            throw new PhilotesException("PH900", $"The buffer sent a row of {fields} fields where {fieldCount} were asked for.");
        }

        return TryMeasure(rest, out var length) && Take(rest[..length], length, out row);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    private bool Take(ReadOnlySpan<byte> found, int length, out ReadOnlySpan<byte> row)
    {
        row = found;
        _start += length;
        return true;
    }

    private bool TryMeasure(ReadOnlySpan<byte> rest, out int length)
    {
        length = 2;
        for (var i = 0; i < fieldCount; i++)
        {
            if (rest.Length - length < 4)
            {
                return false;
            }

            var field = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(rest[length..]));
            if (rest.Length - length - 4 < field)
            {
                return false;
            }

            length += 4 + field;
        }

        return true;
    }
}
