namespace Philotes.Capture.Source;

/// <summary>The one place where names become SQL.</summary>
internal static class Identifier
{
    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    public static string Quote(string schema, string name) => Quote(schema) + "." + Quote(name);

    /// <summary>A value inside single quotes, as replication commands take them.</summary>
    public static string Literal(string value) => value.Replace("'", "''", StringComparison.Ordinal);
}
