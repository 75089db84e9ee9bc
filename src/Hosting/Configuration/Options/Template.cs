using System.Text.RegularExpressions;

namespace Philotes.Hosting;

/// <summary>Cuts <c>a{schema}b</c> into <c>a</c>, <c>{schema}</c>, <c>b</c>.</summary>
static partial class Template
{
    public static string[] Split(string template) => Placeholder().Split(template);

    [GeneratedRegex(@"(\{[a-z]*\})")]
    private static partial Regex Placeholder();
}
