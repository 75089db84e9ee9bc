using System.Text.RegularExpressions;

namespace Philotes.Hosting;

/// <summary>
/// Tables by <c>schema.table</c>. Outside double quotes <c>*</c> stands for any text and <c>?</c> for one character; inside, every
/// character stands for itself and a doubled quote for one quote. Matching is case-sensitive, as Postgres stores names.
/// </summary>
public sealed class TablePattern
{
    readonly string _text;
    readonly Func<string, bool> _schema;
    readonly Func<string, bool> _table;

    TablePattern(string text, List<(char Character, bool Quoted)> schema, List<(char Character, bool Quoted)> table)
    {
        _text = text;
        _schema = Matcher(schema);
        _table = Matcher(table);
    }

    public static bool TryParse(string text, out TablePattern? pattern)
    {
        pattern = null;
        List<List<(char Character, bool Quoted)>> parts = [[]];
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"' && quoted && i + 1 < text.Length && text[i + 1] == '"')
                parts[^1].Add((text[i++], quoted));
            else if (c == '"')
                quoted = !quoted;
            else if (c == '.' && !quoted)
                parts.Add([]);
            else
                parts[^1].Add((c, quoted));
        }
        if (quoted || parts.Count != 2 || parts.Exists(part => part.Count == 0))
            return false;
        pattern = new TablePattern(text, parts[0], parts[1]);
        return true;
    }

    public bool Matches(string schema, string table) => _schema(schema) && _table(table);

    /// <summary>A part without wildcards, which most are, is compared.</summary>
    static Func<string, bool> Matcher(List<(char Character, bool Quoted)> part)
    {
        if (!part.Exists(IsWildcard))
        {
            var literal = string.Concat(part.Select(c => c.Character));
            return name => name == literal;
        }
        var pattern = string.Concat(part.Select(c => !IsWildcard(c) ? Regex.Escape(c.Character.ToString()) : c.Character == '*' ? ".*" : "."));
        return new Regex($"\\A{pattern}\\z", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch;
    }

    static bool IsWildcard((char Character, bool Quoted) c) => !c.Quoted && c.Character is ('*' or '?');

    public override string ToString() => _text;
}
