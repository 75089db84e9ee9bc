using System.Text.RegularExpressions;

namespace Philotes.House.Tests;

/// <summary>A code that is printed can be looked up, and what can be looked up is printed by something.</summary>
public sealed partial class CodeTests
{
    [Test]
    public void Every_code_of_the_sources_stands_in_docs_codes_and_no_other()
    {
        var produced = Repository.Files("src", "*.cs").Concat(Repository.Files("migrations", "*.sql"))
            .SelectMany(path => Code().Matches(File.ReadAllText(path)).Select(match => match.Value)).Distinct().Order(StringComparer.Ordinal).ToList();
        var documented = File.ReadLines(Path.Combine(Repository.Root, "docs", "codes.md"))
            .Select(line => Entry().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
        Assert.That(produced, Has.Count.GreaterThan(40));
        Assert.That(documented, Is.EqualTo(produced), "docs/codes.md lists each code once, in order");
    }

    [Test]
    public void The_way_out_of_every_code_of_the_source_stands_in_the_how_to()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "how-to.md"));
        var section = page[page.IndexOf("\n## Recover from a PH1nn\n", StringComparison.Ordinal)..];
        var rows = section[..section.IndexOf("\n## ", 1, StringComparison.Ordinal)].Split('\n').Where(line => line.StartsWith("| PH", StringComparison.Ordinal));
        var told = rows.SelectMany(row => Code().Matches(row.Split('|')[1]).Select(match => match.Value)).Order(StringComparer.Ordinal);
        var known = File.ReadLines(Path.Combine(Repository.Root, "docs", "codes.md")).Select(line => Entry().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value).Where(code => code.StartsWith("PH1", StringComparison.Ordinal));
        Assert.That(told, Is.EqualTo(known));
    }

    [GeneratedRegex(@"\bPH[0-9]{3}\b")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| (PH[0-9]{3}) \| .+ \| .+ \|$")]
    private static partial Regex Entry();
}
