using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>What an operator should know about the step from one version of a table to the next. Pure.</summary>
internal static class VersionNotices
{
    public static IReadOnlyList<SchemaNotice> Of(TableName table, NumberedRelation last, NumberedRelation version)
    {
        var notices = new List<SchemaNotice>();
        var before = last.Numbers.Select((number, i) => (number, Type: last.Types[i])).ToDictionary(pair => pair.number, pair => pair.Type);
        for (var i = 0; i < version.Numbers.Count; i++)
        {
            if (before.TryGetValue(version.Numbers[i], out var old) && Rewrites(old, version.Types[i]))
            {
                notices.Add(Rewritten(table, version.Columns[i].Name, old, version.Types[i]));
            }
        }

        var keys = (Old: KeyOf(last), New: KeyOf(version));
        if (!keys.Old.Numbers.SequenceEqual(keys.New.Numbers) && keys.Old.Numbers.Count > 0 && keys.New.Numbers.Count > 0)
        {
            notices.Add(new SchemaNotice("", "PH221", $"The replica identity of {table} changed from ({keys.Old.Names}) to ({keys.New.Names}): "
                + "updates and deletes are told by the new columns from here on."));
        }

        return notices;
    }

    private static SchemaNotice Rewritten(TableName table, string column, string from, string to) => new(column, "PH210",
        $"Column {column} of {table} changed from {from} to {to}. The source rewrote the rows that were there and sends no event for that: "
        + $"in the lake they keep what was captured before. If the conversion changed values, copy the table again: philotes tables resync {table}");

    private static (List<int> Numbers, string Names) KeyOf(NumberedRelation version)
    {
        var keys = version.Numbers.Zip(version.Columns).Where(pair => pair.Second.IsKey).ToList();
        return ([.. keys.Select(pair => pair.First)], string.Join(", ", keys.Select(pair => pair.Second.Name)));
    }

    /// <summary>
    /// Whether ALTER COLUMN … TYPE converts every row. It does not where the stored bytes stay as they are: text of any length, more digits before the
    /// point, a composite type that was altered itself.
    /// </summary>
    private static bool Rewrites(string from, string to) =>
        from != to && !(IsText(from) && IsText(to)) && !(IsComposite(from) && IsComposite(to)) && !(Scale(from) is { } scale && (Scale(to) == scale || to == "numeric"));

    private static bool IsText(string type) => type is "text" or "character varying" || type.StartsWith("character varying(", StringComparison.Ordinal);

    private static bool IsComposite(string type) => type.StartsWith("row(", StringComparison.Ordinal);

    private static string? Scale(string type)
    {
        var comma = type.StartsWith("numeric(", StringComparison.Ordinal) ? type.IndexOf(',', StringComparison.Ordinal) : -1;
        return comma < 0 ? null : type[comma..];
    }
}
