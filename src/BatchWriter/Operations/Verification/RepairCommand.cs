using Philotes.DuckDb;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>The command, for a POSIX shell, that puts the rows of a table right which a comparison named.</summary>
internal static class RepairCommand
{
    /// <summary>
    /// By key where the source's rows are enough. A row that only the lake has cannot be copied from the source, and of a table in which many differ
    /// every row is: the whole table is. Null: nothing is to be repaired.
    /// </summary>
    public static string? Of(TableShape shape, IReadOnlyList<DifferingRow> rows, bool isAll, bool isEqual)
    {
        if (isEqual)
            return null;
        if (rows.Count == 0 || !isAll || rows.Any(row => row.Difference == "extra"))
            return Whole(shape.Name);
        var key = string.Join(" || '|' || ", shape.Columns.Where(column => column.IsKey).Select(column => column.Source));
        var predicate = $"{key} in ({string.Join(", ", rows.Select(row => SqlText.Literal(row.Key)))})";
        return $"philotes tables resync {Quoted($"{shape.Name.Schema}.{shape.Name.Table}")} --where {Quoted(predicate)}";
    }

    public static string Whole(TableName table) => $"philotes replay plan --mode table --table {Quoted($"{table.Schema}.{table.Table}")}";

    private static string Quoted(string text) => text.All(symbol => char.IsAsciiLetterOrDigit(symbol) || symbol is '.' or '_' or '-')
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
