using System.Globalization;
using System.Text;

namespace Philotes.Hosting;

/// <summary>
/// Prints options as YAML that reads back to the same options, secrets masked. Effective printing shows every key, the other only what was
/// set; with origins each line ends in a comment that says where its value was said.
/// </summary>
public static class ConfigurationPrinter
{
    public static string PrintSet(LoadedConfiguration loaded, bool origins) => Print(loaded, effective: false, origins);

    public static string PrintEffective(LoadedConfiguration loaded, bool origins) => Print(loaded, effective: true, origins);

    /// <summary>The same values, one by one.</summary>
    public static IReadOnlyList<ConfigurationSetting> Settings(LoadedConfiguration loaded, bool effective) =>
        [.. Lines(loaded, effective).Select(line => line.Setting).OfType<ConfigurationSetting>()];

    static string Print(LoadedConfiguration loaded, bool effective, bool origins)
    {
        var lines = Lines(loaded, effective);
        var width = lines.Count == 0 ? 0 : Math.Min(72, lines.Max(line => line.Text.Length));
        var text = new StringBuilder();
        foreach (var (line, setting) in lines)
            text.Append(origins && setting is not null ? $"{line.PadRight(width)}   # {setting.Origin}" : line).Append('\n');
        return text.ToString();
    }

    static List<(string Text, ConfigurationSetting? Setting)> Lines(LoadedConfiguration loaded, bool effective)
    {
        List<(string Text, ConfigurationSetting? Setting)> lines = [];
        AddSection(loaded.Options, path: "", indent: 0);
        return lines;

        void AddSection(object section, string path, int indent)
        {
            foreach (var key in OptionKey.Of(section.GetType()))
            {
                var keyPath = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
                var value = key.Property.GetValue(section);
                if (value is null || (!effective && !WasSet(keyPath)) || value is System.Collections.ICollection { Count: 0 })
                    continue;
                AddValue($"{new string(' ', indent)}{key.Name}:", keyPath, key.Masked ? Masked(value) : value, indent);
            }
        }

        void AddValue(string head, string path, object value, int indent)
        {
            if (LeafType.Of(value.GetType()) is { } leaf)
            {
                lines.Add(($"{head} {Quote(leaf.Format(value))}", SettingOf(path, leaf.Format(value))));
                return;
            }
            lines.Add((head, null));
            switch (value)
            {
                case IReadOnlyDictionary<string, string> map:
                    foreach (var (name, text) in map)
                        lines.Add(($"{new string(' ', indent + 2)}{Quote(name)}: {Quote(text)}", SettingOf($"{path}.{name}", text)));
                    break;
                case System.Collections.IDictionary sections:
                    foreach (System.Collections.DictionaryEntry entry in sections)
                        AddValue($"{new string(' ', indent + 2)}{Quote((string)entry.Key)}:", $"{path}.{entry.Key}", entry.Value!, indent + 2);
                    break;
                case System.Collections.IList list:
                    for (var i = 0; i < list.Count; i++)
                        AddItem(list[i]!, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), indent + 2);
                    break;
                default:
                    AddSection(value, path, indent + 2);
                    break;
            }
        }

        void AddItem(object item, string path, int indent)
        {
            if (LeafType.Of(item.GetType()) is { } leaf)
            {
                lines.Add(($"{new string(' ', indent)}- {Quote(leaf.Format(item))}", SettingOf(path, leaf.Format(item))));
                return;
            }
            var first = lines.Count;
            AddSection(item, path, indent + 2);
            if (lines.Count > first)
                lines[first] = (string.Concat(lines[first].Text.AsSpan(0, indent), "- ", lines[first].Text.AsSpan(indent + 2)), lines[first].Setting);
        }

        ConfigurationSetting SettingOf(string path, string value) => new(
            path, value, loaded.Origins.GetValueOrDefault(path) ?? loaded.Origins.GetValueOrDefault(path + "_file") ?? ConfigurationOrigin.Default);

        bool WasSet(string path) => loaded.Origins.Keys.Any(key =>
            key == path || key == path + "_file" || (key.StartsWith(path, StringComparison.Ordinal) && key[path.Length] is '.' or '['));
    }

    static Dictionary<string, string> Masked(object value) =>
        ((IReadOnlyDictionary<string, string>)value).ToDictionary(entry => entry.Key, _ => Secret.Mask, StringComparer.Ordinal);

    /// <summary>Plain where YAML reads it back as the same text, else in double quotes.</summary>
    static string Quote(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or '+')
        && !text.EndsWith(':') && char.IsAsciiLetterOrDigit(text[0]) && text is not ("null" or "~")
            ? text
            : "\"" + string.Concat(text.Select(Escape)) + "\"";

    /// <summary>What a reader of YAML, or a terminal, might take for something is written by its number.</summary>
    static string Escape(char c) => c switch
    {
        '\\' or '"' => "\\" + c,
        '\n' => "\\n",
        >= ' ' and <= '~' => c.ToString(),
        _ when char.IsLetterOrDigit(c) || char.IsSurrogate(c) => c.ToString(),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
    };
}
