using System.Security.Cryptography;
using System.Text;

namespace Philotes.Buffer;

/// <summary>One numbered script of <c>migrations/</c>, carried in the assembly. The hash is SHA-256 over its UTF-8 text with LF line ends.</summary>
internal sealed record SchemaScript(string Name, string Text, byte[] Hash)
{
    public static SchemaScript Of(string name, string text)
    {
        var plain = text.ReplaceLineEndings("\n");
        return new SchemaScript(name, plain, SHA256.HashData(Encoding.UTF8.GetBytes(plain)));
    }

    /// <summary>The scripts of this build in the order in which they run.</summary>
    public static IReadOnlyList<SchemaScript> All { get; } = Load();

    private static SchemaScript[] Load()
    {
        var assembly = typeof(SchemaScript).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return Of(name, reader.ReadToEnd());
            })];
    }
}
