using System.Text.RegularExpressions;

namespace Philotes.House.Tests;

/// <summary>What the compiler cannot forbid and the house does.</summary>
public sealed partial class BannedPatternTests
{
    [Test]
    public void Sources_hold_none_of_the_banned_patterns()
    {
        (string What, Regex Pattern)[] banned =
        [
            ("a region", Region()), ("an unfinished note", Unfinished()), ("an unfinished method", NotImplemented()), ("ConfigureAwait", ConfigureAwait()),
            ("an async void method", AsyncVoid()), ("an empty catch", EmptyCatch()), ("a blocking wait", BlockingWait()), ("SQL built by interpolation", InterpolatedCommand()),
        ];
        var found = Repository.Files("src", "*.cs").SelectMany(path => banned.Where(ban => ban.Pattern.IsMatch(File.ReadAllText(path)))
            .Select(ban => $"{Repository.Relative(path)}: {ban.What}"));
        Assert.That(found, Is.Empty);
    }

    [Test]
    public void Type_names_say_what_the_type_is()
    {
        var vague = Repository.Files("src", "*.cs").Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => VagueName().IsMatch(name));
        Assert.That(vague, Is.Empty);
    }

    [Test]
    public void No_file_names_a_package_feed_or_a_place_on_somebodys_machine()
    {
        var files = Repository.Files(".", "*.cs", "*.md", "*.json", "*.sh", "*.cake", "*.props", "*.csproj", "*.sql", "*.yaml", "*.yml", "*.mjs").ToList();
        Assert.That(files, Has.Count.GreaterThan(50));
        // This file spells the words that it forbids.
        var found = files.Where(path => Path.GetFileName(path) != "BannedPatternTests.cs").Where(path => ForeignPlace().IsMatch(File.ReadAllText(path)));
        Assert.That(found.Select(Repository.Relative), Is.Empty);
    }

    [Test]
    public void Every_test_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Philotes.sln")).Replace('\\', '/');
        var missing = Repository.Files("src", "*.csproj").Concat(Repository.Files("tests", "*.csproj")).Select(Repository.Relative).Where(path => !solution.Contains(path, StringComparison.Ordinal));
        Assert.That(missing, Is.Empty);
    }

    [Test]
    public void Migrations_are_numbered_without_a_gap_and_say_why()
    {
        var scripts = Repository.Files("migrations", "*.sql").ToList();
        Assert.That(scripts, Is.Not.Empty);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (script, index) in scripts.Select((script, index) => (script, index)))
            {
                Assert.That(Path.GetFileName(script), Does.Match($"^{index + 1:0000}_[a-z0-9_]+\\.sql$"));
                Assert.That(File.ReadLines(script).First(), Does.StartWith("--"), $"{Path.GetFileName(script)} opens with a comment that says why");
            }
        }
    }

    [GeneratedRegex(@"^\s*#region", RegexOptions.Multiline)]
    private static partial Regex Region();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bNotImplementedException\b")]
    private static partial Regex NotImplemented();

    [GeneratedRegex(@"\.ConfigureAwait\(")]
    private static partial Regex ConfigureAwait();

    [GeneratedRegex(@"\basync void\b")]
    private static partial Regex AsyncVoid();

    [GeneratedRegex(@"catch\s*(\([^)]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"\.GetAwaiter\(\)\.GetResult\(\)")]
    private static partial Regex BlockingWait();

    [GeneratedRegex("(new NpgsqlCommand|CommandText\\s*=|new CommandDefinition)\\s*\\(?\\s*\\$\"")]
    private static partial Regex InterpolatedCommand();

    [GeneratedRegex("(Manager|Helper|Helpers|Util|Utils|Processor|Impl|Info)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"registry\.npmjs|api\.nuget\.org|nuget\.org/v3|deb\.debian\.org|/work/|/root/|\bsession's? limit\b", RegexOptions.IgnoreCase)]
    private static partial Regex ForeignPlace();
}
