using System.Text.RegularExpressions;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>The commands of a section of a page in docs/: its blocks of <c>sh</c>, in order.</summary>
internal static partial class HowToPage
{
    public static IReadOnlyList<string> Commands(string page, string section)
    {
        var text = File.ReadAllText(Peers.Repository("docs", page));
        var start = text.IndexOf($"\n## {section}\n", StringComparison.Ordinal);
        Assert.That(start, Is.Not.Negative, $"docs/{page} has no section '{section}'");
        var end = text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return [.. Block().Matches(end < 0 ? text[start..] : text[start..end]).Select(match => Indent().Replace(match.Groups[1].Value, "\n").Trim())];
    }

    [GeneratedRegex(@"```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\n +")]
    private static partial Regex Indent();
}
