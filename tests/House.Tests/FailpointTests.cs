using System.Text.RegularExpressions;

namespace Philotes.House.Tests;

/// <summary>The list of failpoints that <c>--list-failpoints</c> prints is the failpoints that the sources hold.</summary>
public sealed partial class FailpointTests
{
    [Test]
    public void Every_failpoint_is_listed_and_every_listed_one_exists()
    {
        var list = File.ReadAllText(Path.Combine(Repository.Root, "src", "Shared", "FailpointNames.cs"));
        var listed = Listed().Matches(list).Select(match => match.Groups[1].Value).ToList();
        var hit = Repository.Files("src", "*.cs").SelectMany(File.ReadLines).Where(line => line.Contains("Failpoints.Hit", StringComparison.Ordinal))
            .SelectMany(line => Name().Matches(line)).Select(match => match.Groups[1].Value).Distinct();
        Assert.That(listed, Is.Unique.And.Count.AtLeast(40));
        Assert.That(hit, Is.EquivalentTo(listed));
    }

    [GeneratedRegex("\\(\"([a-z]+\\.[a-z_]+)\", \"")]
    private static partial Regex Listed();

    [GeneratedRegex("\"([a-z]+\\.[a-z_]+)\"")]
    private static partial Regex Name();
}
