using System.Text;
using System.Text.RegularExpressions;

namespace Philotes.Hosting;

/// <summary>
/// Tables by <c>schema.table</c>. Outside double quotes <c>*</c> stands for any text and <c>?</c> for one character; inside, every
/// character stands for itself and a doubled quote for one quote. Matching is case-sensitive, as Postgres stores names.
/// </summary>
public sealed class TablePattern
{
    readonly string _text;
    readonly Regex _schema;
    readonly Regex _table;

    TablePattern(string text, string schema, string table)
    {
        _text = text;
        _schema = new Regex($"\\A{schema}\\z", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        _table = new Regex($"\\A{table}\\z", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    public static bool TryParse(string text, out TablePattern? pattern)
    {
        pattern = null;
        List<StringBuilder> parts = [new()];
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"' && quoted && i + 1 < text.Length && text[i + 1] == '"')
                parts[^1].Append(text[i++]);
            else if (c == '"')
                quoted = !quoted;
            else if (c == '.' && !quoted)
                parts.Add(new StringBuilder());
            else
                parts[^1].Append(ToRegex(c, quoted));
        }
        if (quoted || parts.Count != 2 || parts.Exists(part => part.Length == 0))
            return false;
        pattern = new TablePattern(text, parts[0].ToString(), parts[1].ToString());
        return true;
    }

    static string ToRegex(char c, bool quoted) => c switch
    {
        '*' when !quoted => ".*",
        '?' when !quoted => ".",
        _ => Regex.Escape(c.ToString()),
    };

    public bool Matches(string schema, string table) => _schema.IsMatch(schema) && _table.IsMatch(table);

    public override string ToString() => _text;
}
