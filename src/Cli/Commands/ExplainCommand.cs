using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Philotes.Cli;

/// <summary><c>explain PH105</c>: the code's entry in docs/codes, which this program carries with it.</summary>
static partial class ExplainCommand
{
    static readonly Listing<(string Code, string Entry)> Explained = new("code", "",
        new("code", "The code.", e => e.Code, "CODE"),
        new("text", "Its entry in docs/codes.md.", e => e.Entry, "TEXT"));

    public static Command Build()
    {
        var code = new Argument<string>("code") { Description = "Such as PH105." };
        return ReadVerb.Show("explain", "What a code means, why it is so, and what to do.", Explained, [code], (parsed, _) =>
        {
            var wanted = parsed.GetValue(code)!.ToUpperInvariant();
            return Entry(wanted) is { } entry ? Task.FromResult((Code: wanted, Entry: entry)) : throw CommandLineError.Of("code", $"'{parsed.GetValue(code)}' is not known; known are {string.Join(", ", Codes())}");
        }, (output, explained) => output.WriteLine(explained.Entry));
    }

    /// <summary>Every code that has an entry, in order.</summary>
    public static IReadOnlyList<string> Codes() =>
        [.. Pages().SelectMany(page => Heading().Matches(page).Concat(Row().Matches(page)).Select(match => match.Groups["code"].Value)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>From the code's heading up to the next one that is not below it; null for a code without an entry.</summary>
    public static string? Entry(string code)
    {
        foreach (var page in Pages())
        {
            if (Row().Matches(page).FirstOrDefault(row => row.Groups["code"].Value == code) is { } row)
                return Told(page, row);
            var headings = AnyHeading().Matches(page);
            for (var i = 0; i < headings.Count; i++)
            {
                if (Heading().Match(headings[i].Value) is not { Success: true } match || match.Groups["code"].Value != code)
                    continue;
                var level = headings[i].Groups["level"].Length;
                var end = headings.Skip(i + 1).FirstOrDefault(next => next.Groups["level"].Length <= level);
                return page[headings[i].Index..(end?.Index ?? page.Length)].Trim();
            }
        }
        return null;
    }

    /// <summary>A row of a table, as paragraphs under the heading of its table.</summary>
    static string Told(string page, Match row)
    {
        var heading = AnyHeading().Matches(page).LastOrDefault(found => found.Index < row.Index)?.Value.TrimStart('#', ' ') ?? "";
        return $"{row.Groups["code"].Value} ({heading})\n\n{row.Groups["meaning"].Value.Trim()}\n\nWhat to do: {row.Groups["remedy"].Value.Trim()}";
    }

    static IEnumerable<string> Pages()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith("docs/codes", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd().ReplaceLineEndings("\n");
        }
    }

    [GeneratedRegex(@"^(?<level>#+) .*$", RegexOptions.Multiline)]
    private static partial Regex AnyHeading();

    [GeneratedRegex(@"^\| (?<code>PH\d{3}) \|(?<meaning>.*?)\|(?<remedy>.*)\|\s*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^#+ .*?(?<code>PH\d{3})\b", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
