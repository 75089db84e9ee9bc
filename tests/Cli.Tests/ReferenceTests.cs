using System.Text.RegularExpressions;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests;

/// <summary>What the documentation says of commands and codes is what the program has.</summary>
public sealed partial class ReferenceTests
{
    [Test]
    public async Task The_page_of_the_command_line_is_the_programs()
    {
        var run = await CliRun.OfAsync("reference");
        Assert.That(await File.ReadAllTextAsync(Peers.Repository("docs", "cli.md")), Is.EqualTo(run.Output), "write it anew with: philotes reference > docs/cli.md");
    }

    [Test]
    public async Task Every_code_that_the_source_raises_is_explained_in_the_words_of_its_page()
    {
        var page = await File.ReadAllTextAsync(Peers.Repository("docs", "codes.md"));
        var raised = Directory.EnumerateFiles(Peers.Repository("src"), "*.cs", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Peers.Repository("migrations"), "*.sql"))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Raised().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.That(raised, Has.Count.GreaterThan(40));
        using (Assert.EnterMultipleScope())
        {
            foreach (var code in raised)
            {
                var explained = await CliRun.OfAsync("explain", code.ToLowerInvariant());
                Assert.That(explained.ExitCode, Is.EqualTo(ExitCode.Ok), code);
                Assert.That(explained.Output, Does.StartWith(code).Or.StartWith("#"), code);
                var row = page.Split('\n').FirstOrDefault(line => line.StartsWith($"| {code} |", StringComparison.Ordinal));
                if (row is not null)
                    Assert.That(explained.Output, Does.Contain(row.Split('|')[2].Trim()).And.Contain("What to do: " + row.Split('|')[3].Trim()));
            }
        }
    }

    [Test]
    public async Task A_code_that_is_none_is_said_to_be()
    {
        var run = await CliRun.OfAsync("explain", "PH777");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCode.Configuration, "")));
        Assert.That(run.Error, Does.Contain("'PH777' is not known; known are PH001, "));
    }

    [GeneratedRegex("[\"'](PH\\d{3})[\"']")]
    private static partial Regex Raised();
}
