using System.Buffers;
using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>
/// Whether a value's text can be one of a type, as far as its fields tell: how many there are, and what no number, boolean or uuid can be. Copies what it
/// unquotes, so it is asked only while it is in doubt which state of a composite type a row is of.
/// </summary>
internal static class CompositeText
{
    private static readonly SearchValues<byte> Integer = SearchValues.Create("-0123456789"u8);
    private static readonly SearchValues<byte> Number = SearchValues.Create("-+.0123456789eInfityNa"u8);
    private static readonly SearchValues<byte> Uuid = SearchValues.Create("-0123456789abcdef"u8);

    /// <summary>Whether a composite is anywhere in the type.</summary>
    public static bool IsIn(PostgresType type) => type is CompositeType || (type is ArrayType array && IsIn(array.Element));

    public static bool Fits(ReadOnlySpan<byte> text, PostgresType type) => type switch
    {
        CompositeType row => FitsRow(text, row.Fields),
        ArrayType array => FitsArray(text, array),
        NamedType named => FitsWords(text, named.Words),
        _ => true,
    };

    /// <summary>record_out: a field without text is NULL.</summary>
    private static bool FitsRow(ReadOnlySpan<byte> text, IReadOnlyList<CompositeField> fields)
    {
        if (text is not [(byte)'(', .., (byte)')'])
            return false;
        if (fields.Count == 0)
            return text.Length == 2;
        for (var i = 0; i < fields.Count; i++)
        {
            text = text[1..];
            var value = Take(ref text, (byte)',', (byte)')', isRow: true, out var isQuoted);
            if (text.IsEmpty || text[0] != (i + 1 < fields.Count ? ',' : ')') || ((isQuoted || value.Length > 0) && !Fits(value, fields[i].Type)))
                return false;
        }

        return text.Length == 1;
    }

    /// <summary>array_out, whatever its dimensions; lower bounds stand before the first brace.</summary>
    private static bool FitsArray(ReadOnlySpan<byte> text, ArrayType array)
    {
        text = text[Math.Max(text.IndexOf((byte)'{'), 0)..];
        while (!text.IsEmpty)
        {
            if (text[0] is (byte)'{' or (byte)'}' || text[0] == array.Delimiter)
            {
                text = text[1..];
                continue;
            }

            var value = Take(ref text, (byte)array.Delimiter, (byte)'}', isRow: false, out var isQuoted);
            if ((isQuoted || !value.AsSpan().SequenceEqual("NULL"u8)) && !Fits(value, array.Element))
                return false;
        }

        return true;
    }

    private static bool FitsWords(ReadOnlySpan<byte> text, string words) => words switch
    {
        "smallint" or "integer" or "bigint" => !text.IsEmpty && !text.ContainsAnyExcept(Integer),
        "boolean" => text is [(byte)'t' or (byte)'f'],
        "uuid" => text.Length == 36 && !text.ContainsAnyExcept(Uuid),
        "real" or "double precision" or "numeric" => !text.IsEmpty && !text.ContainsAnyExcept(Number),
        _ when words.StartsWith("numeric(", StringComparison.Ordinal) => FitsWords(text, "numeric"),
        _ => true,
    };

    /// <summary>The text up to <paramref name="separator"/> or <paramref name="close"/>, without its quotes and escapes; leaves <paramref name="text"/> there.</summary>
    private static byte[] Take(ref ReadOnlySpan<byte> text, byte separator, byte close, bool isRow, out bool isQuoted)
    {
        var value = new List<byte>();
        var inQuotes = isQuoted = false;
        var at = 0;
        for (; at < text.Length && (inQuotes || (text[at] != separator && text[at] != close)); at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                value.Add(text[++at]);
            else if (text[at] != '"')
                value.Add(text[at]);
            else if (isRow && inQuotes && at + 1 < text.Length && text[at + 1] == '"')
                value.Add(text[at++]);
            else
                (inQuotes, isQuoted) = (!inQuotes, true);
        }

        text = text[at..];
        return [.. value];
    }
}
