using System.Text.Json.Nodes;

namespace Philotes.Exactness.Tests.Matrix;

/// <summary>One filter in the words of the readers, and how many rows it must find.</summary>
/// <param name="Icebird">Column, operator and literal; null for what it does not hold.</param>
internal sealed record MatrixFilter(string Postgres, string Java, string Sql, string?[]? Icebird, long Expected)
{
    /// <summary>Digits that every double keeps.</summary>
    private const int SafeDigits = 15;

    public static IEnumerable<MatrixFilter> Of(TypeColumn column, IReadOnlyList<JsonObject> rows)
    {
        var present = rows.Select(row => row[column.Name]).Where(value => value is not null).Select(value => value!.ToString()).ToList();
        yield return new(column.Postgres, $"{column.Name} is null", $"{column.Name} is null", [column.Name, "null", null], rows.Count - present.Count);
        yield return new(column.Postgres, $"{column.Name} is not null", $"{column.Name} is not null", [column.Name, "not null", null], present.Count);
        if (present.Find(value => IsPlain(column.Iceberg, value)) is { } found)
            yield return new(column.Postgres, $"{column.Name} = '{found}'", $"{column.Name} = {Literal(column.Iceberg, found)}", IcebirdHolds(column.Iceberg, found) ? [column.Name, "=", found] : null, present.LongCount(value => value == found));
    }

    /// <summary>What both readers' filter languages can say: no quotes, no line breaks, no year that one of them does not know, no zero of two signs.</summary>
    private static bool IsPlain(string iceberg, string value) => iceberg switch
    {
        "float" or "double" => value is not ("NaN" or "Infinity" or "-Infinity" or "0.0" or "-0.0"),
        "date" or "timestamp" or "timestamptz" => value[0] is '1' or '2' && value.Length is 10 or 26 or 27,
        _ => value.Length > 0 && value.All(c => c is > ' ' and < (char)127 && c is not ('\'' or '"' or '\\')),
    };

    /// <summary>icebird takes bytes for text, cuts timestamps to milliseconds, and makes JavaScript numbers of decimals.</summary>
    private static bool IcebirdHolds(string iceberg, string value) =>
        iceberg is not ("binary" or "timestamp" or "timestamptz") && (!iceberg.StartsWith("decimal", StringComparison.Ordinal) || value.Count(char.IsAsciiDigit) <= SafeDigits);

    private static string Literal(string iceberg, string value) => iceberg switch
    {
        "int" or "long" or "boolean" => value,
        "binary" => $"from_hex('{value}')",
        "timestamptz" => $"'{value}'::timestamptz",
        "float" => $"'{value}'::float",
        "double" => $"'{value}'::double",
        _ when iceberg.StartsWith("decimal", StringComparison.Ordinal) => $"'{value}'::{iceberg}",
        _ => $"'{value}'",
    };
}
