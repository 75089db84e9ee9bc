using System.Globalization;
using System.Text.Json;
using Philotes.Testing;

namespace Philotes.Exactness.Tests.Matrix;

/// <summary>
/// The files of <c>types/</c>: every type with its values.
/// <code>
/// = postgres type => iceberg type
/// input text                       the server's own text is what a reader must print
/// input text => JSON               what a reader must print, in the row text of all readers
/// input text => outside            NULL, and recorded
/// j"input"                         an input in JSON's spelling, for line breaks and for no text at all
/// </code>
/// </summary>
internal static class TypeMatrix
{
    private const string Arrow = " => ";

    public static string Folder => Peers.Repository("tests", "Exactness.Tests", "types");

    /// <summary>Made before the table; those of PostGIS only where it is installed.</summary>
    public static IEnumerable<string> SetUpFiles => Files("*.sql");

    /// <summary>The types that this machine's server knows.</summary>
    public static IReadOnlyList<TypeColumn> Load() => Load(Files("*.txt"));

    /// <summary>Every type, for the page.</summary>
    public static IReadOnlyList<TypeColumn> LoadAll() => Load(Directory.EnumerateFiles(Folder, "*.txt"));

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Folder, pattern)
        .Where(file => PostgresServer.WithPostGis is not null || !file.Contains("postgis", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static List<TypeColumn> Load(IEnumerable<string> files)
    {
        var columns = new List<TypeColumn>();
        foreach (var line in files.Order(StringComparer.Ordinal).SelectMany(File.ReadLines))
        {
            if (line.Length == 0 || line.StartsWith("--", StringComparison.Ordinal))
                continue;
            if (line.StartsWith("= ", StringComparison.Ordinal))
                columns.Add(Column(line[2..].Split(Arrow), columns.Count + 1));
            else
                ((List<TypeValue>)columns[^1].Values).Add(Value(line));
        }

        return columns;
    }

    private static TypeColumn Column(string[] head, int number) =>
        new(string.Create(CultureInfo.InvariantCulture, $"c{number}"), head[0], head[1], new List<TypeValue>());

    private static TypeValue Value(string line)
    {
        var arrow = line.LastIndexOf(Arrow, StringComparison.Ordinal);
        var input = arrow < 0 ? line : line[..arrow];
        var canonical = arrow < 0 ? null : line[(arrow + Arrow.Length)..];
        if (input.StartsWith("j\"", StringComparison.Ordinal))
            input = JsonSerializer.Deserialize<string>(input[1..])!;
        return canonical == "outside" ? new TypeValue(input, null, IsOutside: true) : new TypeValue(input, canonical, IsOutside: false);
    }
}
