using System.Text.Json;

namespace Philotes.Hosting.Tests.Configuration;

/// <summary>The shipped documents are the generated ones. To renew them: <c>philotes config schema</c> and <c>philotes config reference</c>.</summary>
public sealed class DocumentTests
{
    [Test]
    public void The_schema_in_docs_is_the_one_of_the_options() =>
        Assert.That(File.ReadAllText(Document("philotes.schema.json")), Is.EqualTo(ConfigurationSchema.Json()));

    [Test]
    public void The_reference_in_docs_is_the_one_of_the_options() =>
        Assert.That(File.ReadAllText(Document("configuration.md")), Is.EqualTo(ConfigurationReference.Markdown()));

    [Test]
    public void Every_key_is_described()
    {
        using var schema = JsonDocument.Parse(ConfigurationSchema.Json());
        Assert.That(Undescribed(schema.RootElement, ""), Is.Empty);
    }

    [Test]
    public void An_effective_configuration_reads_back_to_the_same_options()
    {
        var loaded = Samples.Load(Samples.Full);
        var printed = ConfigurationPrinter.PrintEffective(loaded, origins: false);
        Assert.That(ConfigurationPrinter.PrintEffective(Samples.Load(printed), origins: false), Is.EqualTo(printed));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Headers_of_the_catalog_are_printed_without_their_values(bool effective)
    {
        var loaded = Samples.Load("lake: { catalog: { uri: 'https://c', headers: { X-Api-Key: k3y-of-the-house, X-Team: shop } } }");
        var printed = effective ? ConfigurationPrinter.PrintEffective(loaded, origins: true) : ConfigurationPrinter.PrintSet(loaded, origins: false);
        Assert.That(loaded.Options.Lake.Catalog!.Headers["X-Api-Key"], Is.EqualTo("k3y-of-the-house"));
        Assert.That(printed, Does.Contain("X-Api-Key: \"***\"").And.Contain("X-Team: \"***\"").And.Not.Contain("k3y-of-the-house").And.Not.Contain("shop"));
    }

    [Test]
    public void Origins_stand_beside_the_values()
    {
        var printed = ConfigurationPrinter.PrintEffective(Samples.Load(Samples.Full, null, "writer.parallelism=9"), origins: true);
        Assert.That(printed, Does.Match(@"(?m)^  parallelism: 9 +# command line$").And.Match(@"(?m)^  slot: philotes_orders +# .*\.yaml:5$").And.Match(@"(?m)^  every: 1s +# default$"));
    }

    static IEnumerable<string> Undescribed(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("properties", out var properties))
            return [];
        return properties.EnumerateObject().SelectMany(property =>
            Undescribed(property.Value, $"{path}.{property.Name}")
                .Concat(property.Value.GetProperty("description").GetString() is { Length: > 3 } ? [] : [$"{path}.{property.Name}"]));
    }

    static string Document(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Philotes.sln")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "docs", name);
    }
}
