namespace Philotes.BatchWriter.Columns;

/// <summary>
/// A quoted part of a larger text: of an array, a composite, an hstore. What holds no escape is a slice of the text; the rest is decoded into one buffer
/// that grows to the largest value.
/// </summary>
internal sealed class QuotedText
{
    private byte[] _decoded = [];

    /// <summary>Reads from the opening quote and leaves <paramref name="text"/> behind the closing one. False: there is none.</summary>
    /// <param name="doubledQuotes">Whether two quotes stand for one, as record_out writes them; a backslash protects what follows it either way.</param>
    /// <param name="value">Good until the next call.</param>
    public bool TryRead(ref ReadOnlySpan<byte> text, bool doubledQuotes, out ReadOnlySpan<byte> value)
    {
        var body = text[1..];
        var stop = body.IndexOfAny((byte)'"', (byte)'\\');
        value = default;
        if (stop < 0)
            return false;
        if (body[stop] == '"' && !(doubledQuotes && IsQuote(body, stop + 1)))
        {
            value = body[..stop];
            text = body[(stop + 1)..];
            return true;
        }

        return TryDecode(ref text, body, doubledQuotes, out value);
    }

    private bool TryDecode(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> body, bool doubledQuotes, out ReadOnlySpan<byte> value)
    {
        value = default;
        var length = 0;
        for (var at = 0; at < body.Length;)
        {
            var symbol = body[at];
            if (symbol is not ((byte)'"' or (byte)'\\'))
            {
                var stop = body[at..].IndexOfAny((byte)'"', (byte)'\\');
                if (stop < 0)
                    return false;
                Reserve(length + stop);
                body.Slice(at, stop).CopyTo(_decoded.AsSpan(length));
                length += stop;
                at += stop;
            }
            else if (symbol == '"' && !(doubledQuotes && IsQuote(body, at + 1)))
            {
                text = body[(at + 1)..];
                value = _decoded.AsSpan(0, length);
                return true;
            }
            else if (at + 1 < body.Length)
            {
                Reserve(length + 1);
                _decoded[length++] = body[at + 1];
                at += 2;
            }
            else
            {
                return false;
            }
        }

        return false;
    }

    private void Reserve(int length)
    {
        if (_decoded.Length < length)
            Array.Resize(ref _decoded, (int)Math.Min(Array.MaxLength, Math.Max(256, length * 2L)));
    }

    private static bool IsQuote(ReadOnlySpan<byte> body, int at) => at < body.Length && body[at] == '"';
}
