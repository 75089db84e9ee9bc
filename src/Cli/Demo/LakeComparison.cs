using System.Globalization;
using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>Compares what the source did with what the lake holds, change by change. Difference is null when they are equal.</summary>
static class LakeComparison
{
    const string Read = "read";

    public static string? Difference(ShopTable table, IReadOnlyList<ShopChange> expected, IReadOnlyList<LakeRow> rows)
    {
        // Copied rows come before every change; among themselves they come as they lie at the source.
        var copied = rows.TakeWhile(row => row.Operation == Read).Count();
        expected = [.. expected.Where(IsRead).OrderBy(change => Key(table, change.Values), StringComparer.Ordinal), .. expected.Where(change => !IsRead(change))];
        rows = [.. rows.Take(copied).OrderBy(row => Key(table, row.Values), StringComparer.Ordinal), .. rows.Skip(copied)];
        for (var i = 0; i < Math.Min(expected.Count, rows.Count); i++)
        {
            if (Difference(table, expected[i], rows[i]) is { } difference)
                return string.Create(CultureInfo.InvariantCulture, $"change {i}: {difference}");
        }
        return expected.Count == rows.Count ? null : string.Create(CultureInfo.InvariantCulture, $"{expected.Count} changes expected, {rows.Count} found");
    }

    static bool IsRead(ShopChange change) => change.Kind == ChangeKind.Read;

    static string Key(ShopTable table, IReadOnlyList<string?> values) => string.Join('\u0001', values.Take(table.KeyCount));

    static string? Difference(ShopTable table, ShopChange expected, LakeRow row)
    {
        var operation = expected.Kind.ToString().ToLowerInvariant();
        if (operation != row.Operation)
            return $"{operation} expected, {row.Operation} found";
        if (expected.Values.Count != row.Values.Count)
            return $"{expected.Values.Count} columns expected, {row.Values.Count} found";
        for (var i = 0; i < expected.Values.Count; i++)
        {
            var value = table.Columns[i].Type == "bytea" ? expected.Values[i]?[2..] : expected.Values[i];
            if (value != row.Values[i])
                return $"{operation}, column {table.Columns[i].Name}: {Show(value)} expected, {Show(row.Values[i])} found";
        }
        return Same(expected.OldKey, row.OldKey) ? null : $"{operation}: old key {Show(expected.OldKey)} expected, {Show(row.OldKey)} found";
    }

    static bool Same(IReadOnlyList<string?>? left, IReadOnlyList<string?>? right) =>
        left is null || right is null ? ReferenceEquals(left, right) : left.SequenceEqual(right);

    static string Show(IReadOnlyList<string?>? values) => values is null ? "none" : string.Join(", ", values.Select(Show));

    static string Show(string? value) => value is null ? "null" : $"'{value}'";
}
