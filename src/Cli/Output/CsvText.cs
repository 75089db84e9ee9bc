using System.Text.Json;

namespace Philotes.Cli;

/// <summary>Rows as RFC 4180 has them, with line ends of one character: texts as they are, what has parts as JSON, nothing for null.</summary>
static class CsvText
{
    static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create(",\"\r\n");

    public static void WriteHeader(TextWriter output, IEnumerable<string> members) => WriteLine(output, members);

    public static void WriteRow(TextWriter output, JsonElement row) => WriteLine(output, row.EnumerateObject().Select(member => member.Value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => member.Value.GetString()!,
        _ => member.Value.GetRawText(),
    }));

    static void WriteLine(TextWriter output, IEnumerable<string> cells) =>
        output.Write(string.Join(',', cells.Select(cell => cell.AsSpan().ContainsAny(Special) ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell)) + "\n");
}
