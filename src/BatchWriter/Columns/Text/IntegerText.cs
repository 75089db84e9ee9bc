using System.Buffers.Text;

namespace Philotes.BatchWriter.Columns.Text;

/// <summary>The server's integers: an optional minus and decimal digits, nothing else.</summary>
internal static class IntegerText
{
    public static bool TryParseInt(ReadOnlySpan<byte> text, out int value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;

    public static bool TryParseLong(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;

    /// <summary>oid, xid and cid: 32 bits without a sign.</summary>
    public static bool TryParseUnsigned(ReadOnlySpan<byte> text, out long value)
    {
        var fits = Utf8Parser.TryParse(text, out uint number, out var used) && used == text.Length;
        value = number;
        return fits;
    }
}
