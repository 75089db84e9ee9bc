using System.Text.Json;
using System.Text.RegularExpressions;

namespace Philotes.Cli;

/// <summary>A JSON document as YAML 1.2 in blocks, for people. Every text is quoted as in JSON, so that none of them is taken for a number, a date or a truth value.</summary>
static partial class YamlText
{
    public static void Write(TextWriter output, JsonElement document)
    {
        output.WriteLine("---");
        Members(output, document, depth: 0, first: "");
    }

    /// <param name="first">What stands before the first member, in its line.</param>
    static void Members(TextWriter output, JsonElement value, int depth, string first)
    {
        var before = first;
        foreach (var member in value.EnumerateObject())
        {
            output.Write($"{before}{(SimpleKey().IsMatch(member.Name) ? member.Name : JsonText.Quoted(member.Name))}:");
            Value(output, member.Value, depth);
            before = new string(' ', 2 * depth);
        }
    }

    static void Items(TextWriter output, JsonElement value, int depth)
    {
        foreach (var item in value.EnumerateArray())
        {
            var dash = $"{new string(' ', 2 * depth)}-";
            if (item.ValueKind is JsonValueKind.Object && item.EnumerateObject().Any())
            {
                Members(output, item, depth + 1, dash + " ");
                continue;
            }

            output.Write(dash);
            Value(output, item, depth);
        }
    }

    static void Value(TextWriter output, JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                output.WriteLine();
                Members(output, value, depth + 1, new string(' ', 2 * (depth + 1)));
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                output.WriteLine();
                Items(output, value, depth + 1);
                break;
            case JsonValueKind.String:
                output.WriteLine(" " + JsonText.Quoted(value.GetString()!));
                break;
            default:
                output.WriteLine(" " + value.GetRawText());
                break;
        }
    }

    [GeneratedRegex(@"\A(?!(?i:true|false|null|yes|no|on|off|y|n)\z)[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex SimpleKey();
}
