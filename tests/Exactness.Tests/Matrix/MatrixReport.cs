using System.Globalization;
using System.Text;

namespace Philotes.Exactness.Tests.Matrix;

/// <summary>The page docs/exactness.md, from the matrix that its test holds against two readers.</summary>
internal static class MatrixReport
{
    private const string Opening = """
        # Exactness: every Postgres type in the lake

        Generated from `tests/Exactness.Tests/types`, whose every value is copied, inserted, set by an update and shown by a delete at a real Postgres, goes through capture
        and batch writer, and is read back by Iceberg's reference implementation (Java) and by DuckDB's Iceberg extension. `exact`: the same value in a type of its own.
        `exact text`: the server's output text in a `string` column. `outside`: the lake's type cannot hold the value; it lands as NULL and its text is kept in
        `philotes.value_exception` (`on_outside: null`), or its row is parked (`on_outside: reject`). Nothing is rounded, clamped or left out without a record.
        PostGIS is Debian's; of pgvector, which Debian 12 has no package of, the types are stand-ins with its names and its texts.

        Each plain column is also asked `is null`, `is not null` and for one of its values, of files whose bounds and counts decide which are opened: both readers, and icebird, find
        as many rows as a look at every row does. icebird is not asked for values of `binary` (it takes bytes for text), `timestamp` and `timestamptz` (it cuts them to milliseconds) and of
        decimals beyond 15 digits (it makes JavaScript numbers of them); it has no filters of its own, so they are applied to what it returns.

        """;

    private const string Closing = """

        ## What others are documented to do with such values

        | value | Philotes | others |
        | --- | --- | --- |
        | numeric of 38 digits, numeric without precision | exact, exact text | Debezium and OLake give binary or double by default: digits are lost |
        | NaN and Infinity in numeric | exact text, or recorded in a decimal | pg2iceberg stops the table |
        | dates and timestamps before year 1 and behind 9999, infinity | exact to the end of Iceberg's 64 bits, recorded behind it | Debezium and OLake lose far dates; Airbyte and Estuary clamp them |
        | unchanged TOAST | filled in where the value is known, else named in `_cdc_unchanged` | NULL or a placeholder, in nearly all |
        | arrays with NULLs, of more dimensions, of composites | lists and structs with ids down to the leaves | text or JSON, in nearly all |
        """;

    /// <summary>Types whose text is their value.</summary>
    private static readonly string[] Texts = ["text", "varchar", "char", "bpchar", "\"char\"", "name", "citext", "xml", "bit", "mood"];

    public static string Markdown(IReadOnlyList<TypeColumn> columns)
    {
        var page = new StringBuilder(Opening);
        page.Append(CultureInfo.InvariantCulture, $"{columns.Count} types, {columns.Sum(column => column.Values.Count)} values, each in four ways, by two readers.\n\n");
        page.Append("| Postgres | Iceberg | how | values | outside |\n| --- | --- | --- | --- | --- |\n");
        foreach (var column in columns)
        {
            var outside = string.Join(", ", column.Values.Where(value => value.IsOutside).Select(value => $"`{Cell(value.Input)}`"));
            page.Append(CultureInfo.InvariantCulture, $"| `{Cell(column.Postgres)}` | `{Cell(column.Iceberg)}` | {How(column)} | {column.Values.Count} | {outside} |\n");
        }

        return page.Append(Closing).Append('\n').ToString();
    }

    private static string How(TypeColumn column) =>
        column.Iceberg != "string" || Texts.Contains(column.Postgres.Split('(', ' ')[0]) ? "exact" : "exact text";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
