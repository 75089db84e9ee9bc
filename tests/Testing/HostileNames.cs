using System.Text;

namespace Philotes.Testing;

/// <summary>
/// Names that Postgres takes and nobody wishes for: 1 to 63 bytes of UTF-8 without NUL, made of what ends a quotation, a path, a URL, a line, a document or a reader's
/// patience. The same seed gives the same names.
/// </summary>
public static class HostileNames
{
    private static readonly string[] Parts =
    [
        "\"", "\"\"", "'", "''", "`", "\\", "\\\\", "\\'", "\\u0000", "$$", "$1", "$tag$", ";", "--", "/*", "*/", "\n", "\r", "\r\n", "\t", "\u0001", "\u001b[31m", "\u001f", "\u007f", "\u0085", "\u2028",
        "/", "//", "../", "..", ".", "./", "~", "%", "%2F", "%1F", "%00", "%2e%2e", "%s", "{0}", "{schema}", "{table}", "${env:HOME}", "${file:/etc/passwd}", "?", "?a=b", "#", "&", "+", "=", ":", "@", "|",
        "<script>", "</", "]]>", "<!--", "{", "}", "[", "]", "(", ")", ",", "*", "!", "^", " ", "  ", "\u00a0", "\u200b", "\u202e", "\ufeff", "é", "e\u0301", "ß", "İ", "ı", "Ǆ", "🐘", "👩‍👩‍👧", "漢字", "ا", "\ufffd", "\uffff",
        "select", "null", "true", "drop table x", "table", "order", "con", "nul", "COM1", ".metadata.json", "s3://", "file:///", "_file", "_pos", "_cdc_lsn", "_partition", "0", "-1", "1e9", "NaN", "yes", "- ", ": ", "a", "B", "z9",
    ];

    /// <summary>Different names, the first <paramref name="count"/> of a seed.</summary>
    public static IReadOnlyList<string> Of(int seed, int count)
    {
        var random = new Random(seed);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in Parts)
        {
            names.Add(part);
        }

        while (names.Count < count)
        {
            var name = new StringBuilder();
            for (var parts = random.Next(1, 9); parts > 0; parts--)
            {
                name.Append(random.Next(4) == 0 ? Rune(random).ToString() : Parts[random.Next(Parts.Length)]);
            }

            names.Add(Cut(name.ToString()));
        }

        return [.. names.Take(count)];
    }

    private static Rune Rune(Random random)
    {
        while (true)
        {
            var code = random.Next(1, random.Next(3) == 0 ? 0x110000 : 0x300);
            if (System.Text.Rune.IsValid(code))
            {
                return new Rune(code);
            }
        }
    }

    /// <summary>As Postgres cuts: at 63 bytes, never inside a character.</summary>
    private static string Cut(string name)
    {
        var bytes = 0;
        var kept = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > 63)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.ToString();
    }
}
