using Philotes.Buffer;
using Philotes.Capture.Decoding;
using Philotes.Capture.Transactions;
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

    /// <summary>Rows fit a composite type before and after it was altered.</summary>
    public static IReadOnlyList<SchemaNotice> OfDoubt(RelationMessage relation, CompositeDoubt doubt) =>
    [
        .. doubt.Columns.Select(i => new SchemaNotice(relation.Columns[i].Name, "PH211",
            $"The composite type of column {relation.Columns[i].Name} of {relation.Name} was altered from {doubt.Before[i]} to {doubt.After[i]}, and rows that came meanwhile could be of either: "
            + $"each was taken by whether its transaction began before the one that altered the type. Where a transaction ran across the change its values may stand in the wrong fields. {Remedy(relation.Name)}")),
    ];

    /// <summary>A table's first row is older than the last change of a composite type that it holds.</summary>
    public static IReadOnlyList<SchemaNotice> OfUnknownPast(RelationMessage relation, IReadOnlyList<string> types) =>
    [
        .. Enumerable.Range(0, types.Count).Where(i => CompositeLook.IsComposite(types[i])).Select(i => new SchemaNotice(relation.Columns[i].Name, "PH211",
            $"The composite type of column {relation.Columns[i].Name} of {relation.Name} was altered after the first row of the table that is captured, and what it was before is not known: "
            + $"older values with as many fields are read as {types[i]}. {Remedy(relation.Name)}")),
    ];

    private static string Remedy(TableName table) => $"If that matters, copy the table again: philotes tables resync {table}";

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
