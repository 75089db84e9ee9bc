using System.Globalization;

namespace Philotes.Hosting;

/// <summary>One type of value: how it is read, printed and described. Binder, schema and reference share this table.</summary>
sealed record LeafType(string Name, string Expected, Func<string, object?> Parse, Func<object, string> Format, string? Pattern = null)
{
    static readonly Dictionary<Type, LeafType> Known = new()
    {
        [typeof(string)] = new("text", "text", text => text, value => (string)value),
        [typeof(int)] = new("number", "a whole number",
            text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
             value => ((int)value).ToString(CultureInfo.InvariantCulture)),
        [typeof(bool)] = new("true or false", "true or false", ParseBoolean, value => (bool)value ? "true" : "false"),
        [typeof(TimeSpan)] = new("duration", "a duration with its unit (ms, s, m, h, d), such as 15s",
            text => DurationText.TryParse(text, out var duration) ? duration : null, value => DurationText.Format((TimeSpan)value), "^[0-9]+ *(ms|s|m|h|d)$"),
        [typeof(ByteSize)] = new("size", "a size with its unit (B, KiB, MiB, GiB, TiB, PiB), such as 8MiB",
            text => ByteSize.TryParse(text, out var size) ? size : null, value => value.ToString()!, "^[0-9]+ *(B|KiB|MiB|GiB|TiB|PiB)$"),
        [typeof(ListenAddress)] = new("address:port", "an IP address and a port, such as 127.0.0.1:8181",
            text => ListenAddress.TryParse(text, out var address) ? address : null, value => value.ToString()!, "^.+:[0-9]+$"),
        [typeof(Uri)] = new("URI", "an absolute URI, such as http://127.0.0.1:8181", ParseUri, value => ((Uri)value).OriginalString),
        [typeof(TablePattern)] = new("schema.table", "schema.table with * and ? as wildcards, such as public.*; names with dots in double quotes",
            text => TablePattern.TryParse(text, out var pattern) ? pattern : null, value => value.ToString()!),
        [typeof(Secret)] = new("secret", "${file:/path} or ${env:NAME}", _ => null, _ => Secret.Mask),
    };

    public static LeafType? Of(Type type) => type.IsEnum ? OfEnum(type) : Known.GetValueOrDefault(type);

    /// <summary>The values of an enum as the configuration writes them.</summary>
    public static IReadOnlyList<string> Values(Type type) => [.. Enum.GetNames(type).Select(Spelling.Kebab)];

    static LeafType OfEnum(Type type)
    {
        var values = Values(type);
        return new LeafType(
            string.Join(" or ", values),
            "one of " + string.Join(", ", values),
            text => values.ToList().IndexOf(text.Replace('_', '-')) is >= 0 and var index ? Enum.GetValues(type).GetValue(index) : null,
            value => Spelling.Kebab(value.ToString()!));
    }

    static object? ParseBoolean(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    static Uri? ParseUri(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && text.Contains(':', StringComparison.Ordinal) && !text.StartsWith('/') ? uri : null;
}
