using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli;

/// <summary>Table names as a person types them: <c>orders</c> is public.orders, <c>sales.orders</c>, and with dots of their own in quotes: <c>public."we.ird"</c>.</summary>
static class TableText
{
    public static TableName Parse(string text)
    {
        List<string> parts = [];
        var rest = text.AsSpan();
        while (true)
        {
            var quoted = rest.StartsWith('"');
            var end = quoted ? rest[1..].IndexOf('"') + 1 : rest.IndexOf('.');
            if (quoted && end == 0)
                throw Wrong(text);
            parts.Add((end < 0 ? rest : quoted ? rest[1..end] : rest[..end]).ToString());
            rest = end < 0 ? [] : quoted ? rest[(end + 1)..] : rest[end..];
            if (rest.IsEmpty)
                break;
            if (rest[0] != '.')
                throw Wrong(text);
            rest = rest[1..];
        }
        return parts switch
        {
            [{ Length: > 0 } table] => new TableName("public", table),
            [{ Length: > 0 } schema, { Length: > 0 } table] => new TableName(schema, table),
            _ => throw Wrong(text),
        };
    }

    static ConfigurationException Wrong(string text) => CommandLineError.Of("--table", $"'{text}' is not a table; it looks like public.orders");
}
