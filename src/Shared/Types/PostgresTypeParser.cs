using System.Globalization;
using System.Text;

namespace Philotes.Shared;

/// <summary>Reads the text form that <see cref="PostgresType"/> describes. Quoted parts may hold any character; outside of them parentheses are balanced.</summary>
internal sealed class PostgresTypeParser(string text)
{
    private const string RowStart = "row(";
    private int _at;

    public PostgresType Parse()
    {
        var type = ParseType();
        return _at == text.Length ? type : throw Broken();
    }

    private PostgresType ParseType()
    {
        PostgresType type;
        if (TryTake("("))
        {
            type = ParseType();
            Take(")");
        }
        else
        {
            type = TryTake(RowStart) ? ParseComposite() : new NamedType(ParseWords());
        }

        return ParseDimensions(type);
    }

    private PostgresType ParseDimensions(PostgresType element)
    {
        var dimensions = 0;
        var delimiter = ',';
        for (; _at < text.Length && text[_at] == '['; dimensions++)
        {
            var close = _at + 1 < text.Length && text[_at + 1] == ']' ? _at + 1 : _at + 2;
            if (close >= text.Length || text[close] != ']')
                throw Broken();
            delimiter = close == _at + 1 ? ',' : text[_at + 1];
            _at = close + 1;
        }

        return dimensions == 0 ? element : new ArrayType(element, dimensions, delimiter);
    }

    private CompositeType ParseComposite()
    {
        var fields = new List<CompositeField>();
        if (TryTake(")"))
            return new CompositeType(fields);
        do
        {
            fields.Add(ParseField());
        }
        while (TryTake(", "));
        Take(")");
        return new CompositeType(fields);
    }

    private CompositeField ParseField()
    {
        var space = text.IndexOf(' ', _at);
        if (space < 0 || !int.TryParse(text.AsSpan(_at, space - _at), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw Broken();
        _at = space + 1;
        var name = ParseName();
        Take(" ");
        return new CompositeField(number, name, ParseType());
    }

    private string ParseName()
    {
        Take("\"");
        var name = new StringBuilder();
        for (; _at < text.Length; _at++)
        {
            if (text[_at] != '"')
                name.Append(text[_at]);
            else if (_at + 1 < text.Length && text[_at + 1] == '"')
                name.Append(text[_at++]);
            else
                break;
        }

        Take("\"");
        return name.ToString();
    }

    /// <summary>Up to brackets, a comma or a closing parenthesis that stand outside of quotes and of the words' own parentheses.</summary>
    private string ParseWords()
    {
        var start = _at;
        var depth = 0;
        var quoted = false;
        for (; _at < text.Length; _at++)
        {
            var c = text[_at];
            quoted ^= c == '"';
            if (quoted)
                continue;
            if (depth == 0 && (c is '[' or ',' or ')'))
                break;
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }

        return _at > start && !quoted ? text[start.._at] : throw Broken();
    }

    private bool TryTake(string expected)
    {
        if (string.CompareOrdinal(text, _at, expected, 0, expected.Length) != 0)
            return false;
        _at += expected.Length;
        return true;
    }

    private void Take(string expected)
    {
        if (!TryTake(expected))
            throw Broken();
    }

    private PhilotesException Broken() => new("PH900", $"The type '{text}' of a column in the buffer cannot be read. Keep the buffer and report this.");
}
