using System.Globalization;
using System.Text;

namespace Philotes.Cli;

/// <summary>Values as text that cannot command a terminal: control characters of data are shown, never sent.</summary>
static class TerminalText
{
    public static string Of(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "yes" : "no",
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        TimeSpan duration => Amounts.Age(duration),
        long number => Amounts.Count(number),
        IEnumerable<string> list => string.Join(", ", list),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>C0 and C1 controls become their Unicode pictures or <c>\u0085</c>; line ends too.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (letter < ' ')
                clean.Append((char)('\u2400' + letter));
            else if (char.IsControl(letter))
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                clean.Append(letter);
        }
        return clean.ToString();
    }
}
