using System.Text;
using Philotes.Testing;

namespace Philotes.Hosting.Tests.Configuration;

/// <summary>10,000 hostile names as patterns of tables, and as texts that the configuration prints.</summary>
public sealed class HostileNamesTests
{
    private static readonly IReadOnlyList<string> Names = HostileNames.Of(seed: 7, count: 10_000);

    [Test]
    public void A_quoted_name_matches_itself_and_no_other()
    {
        var others = Names.Skip(1).Append(Names[0]);
        foreach (var (name, other) in Names.Zip(others))
        {
            Assert.That(TablePattern.TryParse($"{Quote(name)}.{Quote(other)}", out var pattern), Is.True, name);
            Assert.That(pattern!.Matches(name, other), Is.True, name);
            Assert.That(pattern.Matches(other, name) || pattern.Matches(name + "x", other) || pattern.Matches(name, "x" + other), Is.False, name);
        }
    }

    [Test]
    public void A_name_that_is_printed_reads_back_as_it_was()
    {
        foreach (var names in Names.Where(name => !name.Contains("${", StringComparison.Ordinal)).Chunk(500))
        {
            var yaml = new StringBuilder("version: 1").Append("\ndefaults:\n  properties:\n");
            foreach (var name in names)
                yaml.Append("    ").Append(Json(name)).Append(": ").Append(Json(name)).Append('\n');
            var loaded = Samples.Load(yaml.ToString());
            Assert.That(loaded.Options.Defaults.Properties.Keys, Is.EquivalentTo(names));
            var again = Samples.Load(ConfigurationPrinter.PrintSet(loaded, origins: false).Replace("***", "x", StringComparison.Ordinal));
            Assert.That(again.Options.Defaults.Properties, Is.EquivalentTo(loaded.Options.Defaults.Properties));
        }
    }

    private static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>JSON is YAML: the default encoder escapes whatever a reader of YAML might take for something.</summary>
    private static string Json(string name) => System.Text.Json.JsonSerializer.Serialize(name);
}
