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
        while (true)
        {
            var stop = body.IndexOfAny((byte)'"', (byte)'\\');
            if (stop < 0)
                return false;
            var isEnd = body[stop] == '"' && !(doubledQuotes && IsQuote(body, stop + 1));
            if (!isEnd && stop + 1 == body.Length)
                return false;
            length = Keep(body[..stop], length);
            if (isEnd)
            {
                text = body[(stop + 1)..];
                value = _decoded.AsSpan(0, length);
                return true;
            }

            length = Keep(body.Slice(stop + 1, 1), length);
            body = body[(stop + 2)..];
        }
    }

    private int Keep(ReadOnlySpan<byte> part, int length)
    {
        if (_decoded.Length < length + part.Length)
            Array.Resize(ref _decoded, (int)Math.Min(Array.MaxLength, Math.Max(256, (length + (long)part.Length) * 2)));
        part.CopyTo(_decoded.AsSpan(length));
        return length + part.Length;
    }

    private static bool IsQuote(ReadOnlySpan<byte> body, int at) => at < body.Length && body[at] == '"';
}
