using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Philotes.House.Tests;

/// <summary>File: 300 lines. Method: 70 lines. Measured, so that nobody has to argue.</summary>
public sealed class BudgetTests
{
    private const int FileLinesMax = 300;
    private const int MethodLinesMax = 70;

    [Test]
    public void A_source_file_has_at_most_300_lines()
    {
        var tooLong = Sources().Select(path => (Path: path, Lines: File.ReadLines(path).Count())).Where(file => file.Lines > FileLinesMax)
            .Select(file => $"{Repository.Relative(file.Path)}: {file.Lines}");
        Assert.That(tooLong, Is.Empty);
    }

    [Test]
    public void A_method_has_at_most_70_lines()
    {
        var tooLong = Sources().SelectMany(path => Repository.Parse(path).DescendantNodes()
            .Where(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax)
            .Select(node => (Path: path, Line: FirstLine(node), Lines: LastLine(node) - FirstLine(node) + 1)))
            .Where(method => method.Lines > MethodLinesMax)
            .Select(method => $"{Repository.Relative(method.Path)}:{method.Line + 1}: {method.Lines} lines");
        Assert.That(tooLong, Is.Empty);
    }

    [Test]
    public void A_file_declares_one_type_and_its_small_companions()
    {
        // A type's own enum, delegate, interface member of a closed family or short record may share its file.
        const int companionLinesMax = 30;
        var crowded = Sources().Select(path => (Path: path, Types: Repository.Parse(path).DescendantNodes().OfType<TypeDeclarationSyntax>()
            .Where(type => type.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax && LastLine(type) - FirstLine(type) > companionLinesMax).ToList()))
            .Where(file => file.Types.Count > 1)
            .Select(file => $"{Repository.Relative(file.Path)}: {string.Join(", ", file.Types.Select(type => type.Identifier.Text))}");
        Assert.That(crowded, Is.Empty);
    }

    private static IReadOnlyList<string> Sources()
    {
        var sources = Repository.Files("src", "*.cs").ToList();
        Assert.That(sources, Has.Count.GreaterThan(20), "the walk must find the sources, or these tests check nothing");
        return sources;
    }

    private static int FirstLine(SyntaxNode node) => node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line;

    private static int LastLine(SyntaxNode node) => node.SyntaxTree.GetLineSpan(node.Span).EndLinePosition.Line;
}
