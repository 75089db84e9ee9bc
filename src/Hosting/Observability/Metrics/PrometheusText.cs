using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Philotes.Hosting;

/// <summary>Names, labels and numbers of the text exposition format 0.0.4.</summary>
static class PrometheusText
{
    public static string MetricName(Instrument instrument)
    {
        var name = new StringBuilder(Sanitise(instrument.Name));
        Append(name, instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "1" => "_ratio",
            _ => "",
        });
        if (MetricKinds.IsCounter(instrument))
            Append(name, "_total");
        return name.ToString();
    }

    public static void Header(StringBuilder text, string name, string type, string help)
    {
        var escaped = help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {escaped}\n# TYPE {name} {type}\n");
    }

    /// <summary><c>{a="x",b="y"}</c>, sorted by name; empty without labels.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var sorted = tags.ToArray();
        Array.Sort(sorted, (left, right) => string.CompareOrdinal(left.Key, right.Key));
        return "{" + string.Join(',', sorted.Select(tag => $"{Sanitise(tag.Key)}=\"{Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "")}\"")) + "}";
    }

    /// <summary>The same with the table replaced by <c>_other</c>.</summary>
    public static string LabelsOfOverflow(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var replaced = tags.ToArray();
        for (var i = 0; i < replaced.Length; i++)
        {
            if (replaced[i].Key == "table")
                replaced[i] = new KeyValuePair<string, object?>("table", "_other");
        }
        return Labels(replaced);
    }

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    static string Sanitise(string name)
    {
        var text = string.Create(name.Length, name, (span, source) =>
        {
            for (var i = 0; i < source.Length; i++)
                span[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
        });
        return text.Length > 0 && char.IsAsciiDigit(text[0]) ? "_" + text : text;
    }

    static void Append(StringBuilder name, string suffix)
    {
        if (suffix.Length > 0 && !name.ToString().EndsWith(suffix, StringComparison.Ordinal))
            name.Append(suffix);
    }
}
