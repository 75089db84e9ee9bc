using System.Text.Encodings.Web;
using System.Text.Json;
using Philotes.DuckDb;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>The command, for a POSIX shell, that puts the rows of a table right which a comparison named.</summary>
internal static class RepairCommand
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// By key: what the source has is copied, what only the lake has is deleted there. Of a table in which many differ, or whose keys of the lake cannot be
    /// written as the source reads them (<see cref="KeySpelling"/>), every row is copied. Null: nothing is to be repaired.
    /// </summary>
    public static string? Of(TableShape shape, IReadOnlyList<DifferingRow> rows, bool isAll, bool isEqual)
    {
        if (isEqual)
            return null;
        var columns = shape.Columns.Where(column => column.IsKey).ToList();
        var extra = rows.Where(row => row.Difference == "extra").Select(row => KeySpelling.ReadBack(columns, row.Key)).ToList();
        if (rows.Count == 0 || !isAll || extra.Contains(null))
            return Whole(shape.Name);
        var key = string.Join(" || '|' || ", columns.Select(column => column.Source));
        var copied = rows.Where(row => row.Difference != "extra").Select(row => SqlText.Literal(row.Key)).ToList();
        var where = copied.Count == 0 ? "" : " --where " + Quoted($"{key} in ({string.Join(", ", copied)})");
        var gone = extra.Count == 0 ? "" : " --gone " + Quoted(JsonSerializer.Serialize(extra, Json));
        return $"philotes tables resync {Quoted($"{shape.Name.Schema}.{shape.Name.Table}")}{where}{gone}";
    }

    public static string Whole(TableName table) => $"philotes replay plan --mode table --table {Quoted($"{table.Schema}.{table.Table}")}";

    private static string Quoted(string text) => text.All(symbol => char.IsAsciiLetterOrDigit(symbol) || symbol is '.' or '_' or '-')
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
