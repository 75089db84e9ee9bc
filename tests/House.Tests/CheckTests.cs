using System.Text.RegularExpressions;

namespace Philotes.House.Tests;

/// <summary>Every check of the doctor has its line in docs/checks.md and a test that names it, and no other has a line.</summary>
public sealed partial class CheckTests
{
    [Test]
    public void Every_check_of_the_sources_stands_in_docs_checks_and_is_provoked_by_a_test()
    {
        var made = Repository.Files("src", "*.cs").SelectMany(path => Made().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal).ToList();
        var documented = File.ReadLines(Path.Combine(Repository.Root, "docs", "checks.md"))
            .Select(line => Entry().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
        var provoked = Repository.Files("tests", "*.cs").SelectMany(path => Provoked().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)).ToHashSet(StringComparer.Ordinal);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(made, Has.Count.GreaterThan(25));
            Assert.That(documented, Is.EqualTo(made), "docs/checks.md lists each check once, in order");
            Assert.That(made.Except(provoked), Is.Empty, "checks that no test makes say fail, warn or info");
        }
    }

    [GeneratedRegex("\"(DR[0-9]{2})\"")]
    private static partial Regex Made();

    [GeneratedRegex(@"^\| (DR[0-9]{2}) \| .+ \| .+ \|$")]
    private static partial Regex Entry();

    [GeneratedRegex(@"(DR[0-9]{2}) +(?:fail|warn|info)\b")]
    private static partial Regex Provoked();
}
