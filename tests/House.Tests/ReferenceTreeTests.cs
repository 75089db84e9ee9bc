using System.Xml.Linq;

namespace Philotes.House.Tests;

/// <summary>
/// References between projects form the tree of docs/architecture.md. Iceberg and DuckDb stand alone, so that they can be shipped without
/// the rest; Hosting knows nothing of the pipeline; the two stages meet only in Buffer.
/// </summary>
public sealed class ReferenceTreeTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Shared"] = [],
        ["DuckDb"] = [],
        ["Hosting"] = ["Shared"],
        ["Buffer"] = ["Shared"],
        ["Iceberg"] = ["DuckDb"],
        ["Capture"] = ["Shared", "Buffer", "Hosting"],
        ["SqlCatalog"] = ["Iceberg"],
        ["Warehouse"] = ["Shared", "Iceberg", "SqlCatalog", "Hosting"],
        ["BatchWriter"] = ["Shared", "Buffer", "Iceberg", "DuckDb", "Hosting", "Warehouse"],
        ["Catalog"] = ["Iceberg", "SqlCatalog", "Hosting", "Warehouse"],
        ["Cli"] = ["Shared", "Buffer", "Hosting", "Capture", "Iceberg", "Warehouse", "BatchWriter", "Catalog"],
    };

    [Test]
    public void Every_project_of_src_stands_in_the_tree() =>
        Assert.That(Projects().Select(Path.GetFileNameWithoutExtension).Select(name => name!["Philotes.".Length..]), Is.EquivalentTo(Allowed.Keys));

    [Test]
    public void A_project_references_only_what_the_tree_allows()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var path in Projects())
            {
                var name = Path.GetFileNameWithoutExtension(path)["Philotes.".Length..];
                Assert.That(References(path), Is.SubsetOf(Allowed.GetValueOrDefault(name) ?? []), $"references of {name}");
            }
        }
    }

    [Test]
    public void The_Iceberg_library_does_not_know_Postgres() =>
        Assert.That(Repository.Files("src/Iceberg", "*.cs").Where(path => File.ReadAllText(path).Contains("Npgsql", StringComparison.Ordinal)).Select(Repository.Relative), Is.Empty);

    private static IEnumerable<string> Projects() => Repository.Files("src", "*.csproj");

    private static IEnumerable<string> References(string path) => XDocument.Load(path).Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)["Philotes.".Length..]);
}
