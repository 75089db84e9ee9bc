using System.Text.RegularExpressions;

namespace Philotes.House.Tests;

/// <summary>Every metric that a program makes has its line in docs/metrics.md, and no other has.</summary>
public sealed partial class MetricTests
{
    /// <summary>Those that the endpoint adds by itself.</summary>
    private static readonly string[] OfEveryProcess = ["philotes_build_info", "philotes_up"];

    [Test]
    public void Every_metric_of_the_sources_stands_in_docs_metrics_and_no_other()
    {
        var made = Repository.Files("src", "*.cs").SelectMany(path => Made().Matches(File.ReadAllText(path)))
            .Select(match => Name(match.Groups[1].Value, match.Groups[2].Value)).Concat(OfEveryProcess).Distinct().Order(StringComparer.Ordinal).ToList();
        var documented = File.ReadLines(Path.Combine(Repository.Root, "docs", "metrics.md"))
            .Select(line => Entry().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal).ToList();
        Assert.That(made, Has.Count.GreaterThan(50));
        Assert.That(documented, Is.EqualTo(made));
    }

    /// <summary>As a scrape spells it.</summary>
    private static string Name(string kind, string name) => name.Replace('.', '_') is var spelled && kind == "Counter" && !spelled.EndsWith("_total", StringComparison.Ordinal) ? spelled + "_total" : name.Replace('.', '_');

    [GeneratedRegex(@"(?:Create(\w+?)(?:<\w+>)?|Of(?:Buffer|Tables))\(\s*(?:meter, )?""(philotes[._][\w.]+)""")]
    private static partial Regex Made();

    [GeneratedRegex(@"^\| `(philotes_\w+)` \| .+ \|$")]
    private static partial Regex Entry();
}
