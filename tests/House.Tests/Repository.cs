using Microsoft.CodeAnalysis.CSharp;

namespace Philotes.House.Tests;

/// <summary>The files of the project as they lie in its folders, without what building leaves there.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", "artifacts", "node_modules", ".git", "philotes-data"];

    public static string Root { get; } = FindRoot();

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    public static IEnumerable<string> Files(string folder, params string[] patterns) =>
        Directory.Exists(Path.Combine(Root, folder))
            ? patterns.SelectMany(pattern => Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories))
                .Where(path => !Relative(path).Split('/').Intersect(NotOurs).Any())
                .Order(StringComparer.Ordinal)
            : [];

    public static Microsoft.CodeAnalysis.SyntaxNode Parse(string path) =>
        CSharpSyntaxTree.ParseText(File.ReadAllText(path), CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview)).GetRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Philotes.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Philotes.sln above {AppContext.BaseDirectory}: run the tests from a clone of the project.");
    }
}
