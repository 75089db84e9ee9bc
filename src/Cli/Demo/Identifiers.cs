namespace Philotes.Cli.Demo;

static class Identifiers
{
    /// <summary>The one way by which a name gets into SQL.</summary>
    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
