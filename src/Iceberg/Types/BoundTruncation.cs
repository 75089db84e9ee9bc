using System.Text;

namespace Philotes.Iceberg.Types;

/// <summary>
/// Shortens the bounds of long strings and binaries so that they stay bounds: a lower bound is a prefix; an upper bound that was cut
/// is incremented at its last place that can be. Strings count code points and compare as UTF-8 bytes do, which is code point order.
/// </summary>
public static class BoundTruncation
{
    /// <summary>Code points of a string, bytes of a binary, that a bound keeps.</summary>
    public const int DefaultLength = 16;

    private const int LargestCodePoint = 0x10FFFF;
    private const int LastBeforeSurrogates = 0xD7FF;
    private const int FirstAfterSurrogates = 0xE000;

    /// <summary>The first <paramref name="length"/> code points of UTF-8 text.</summary>
    public static ReadOnlySpan<byte> LowerString(ReadOnlySpan<byte> utf8, int length = DefaultLength) => utf8[..PrefixLength(utf8, length)];

    public static ReadOnlySpan<byte> LowerBinary(ReadOnlySpan<byte> bytes, int length = DefaultLength) => bytes[..Math.Min(length, bytes.Length)];

    /// <summary>UTF-8 text of at most <paramref name="length"/> code points that is not below the value; null when there is none.</summary>
    public static byte[]? UpperString(ReadOnlySpan<byte> utf8, int length = DefaultLength)
    {
        var kept = PrefixLength(utf8, length);
        if (kept == utf8.Length)
        {
            return utf8.ToArray();
        }

        var runes = Encoding.UTF8.GetString(utf8[..kept]).EnumerateRunes().ToArray();
        for (var last = runes.Length - 1; last >= 0; last--)
        {
            if (runes[last].Value == LargestCodePoint)
            {
                continue;
            }

            runes[last] = new Rune(runes[last].Value == LastBeforeSurrogates ? FirstAfterSurrogates : runes[last].Value + 1);
            return Encoding.UTF8.GetBytes(string.Concat(runes[..(last + 1)]));
        }

        return null;
    }

    /// <summary>At most <paramref name="length"/> bytes that are not below the value; null when there are none.</summary>
    public static byte[]? UpperBinary(ReadOnlySpan<byte> bytes, int length = DefaultLength)
    {
        if (bytes.Length <= length)
        {
            return bytes.ToArray();
        }

        var last = bytes[..length].LastIndexOfAnyExcept((byte)0xFF);
        if (last < 0)
        {
            return null;
        }

        var upper = bytes[..(last + 1)].ToArray();
        upper[last]++;
        return upper;
    }

    private static int PrefixLength(ReadOnlySpan<byte> utf8, int codePoints)
    {
        var position = 0;
        for (var i = 0; i < codePoints && position < utf8.Length; i++)
        {
            Rune.DecodeFromUtf8(utf8[position..], out _, out var consumed);
            position += consumed;
        }

        return position;
    }
}
