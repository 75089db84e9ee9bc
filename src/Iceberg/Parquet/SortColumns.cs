using Philotes.DuckDb;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Parquet;

/// <summary>
/// A sort order as the engine's ORDER BY. The engine sorts as Iceberg does (strings and binary by bytes, numbers and times by value) but for floating columns, where its
/// NaNs and zeros fall together. A transform is honoured at the end of an order, where it is enough that the column itself is sorted, because years to hours
/// and truncation keep the order; a bucket keeps none.
/// </summary>
public static class SortColumns
{
    /// <summary>Whether rows can be sorted so that a file may claim the order.</summary>
    public static bool CanSort(SortOrder order, IcebergSchema schema) => OrderBy(order, schema) is not null;

    /// <summary>What stands behind ORDER BY; null when there is no order or it cannot be kept.</summary>
    internal static string? OrderBy(SortOrder order, IcebergSchema schema)
    {
        if (order.Fields.Count == 0)
            return null;
        var names = ParquetLayout.Of(schema).Columns;
        var terms = new List<string>();
        foreach (var (field, index) in order.Fields.Select((field, index) => (field, index)))
        {
            var column = schema.Fields.ToList().FindIndex(candidate => candidate.Id == field.SourceId);
            var isLast = index == order.Fields.Count - 1;
            if (column < 0 || schema.Fields[column].Type is FloatType or DoubleType || !Keeps(field.Transform, isLast))
                return null;
            terms.Add($"{SqlText.Identifier(names[column].Name)} {(field.Direction == SortDirection.Ascending ? "asc" : "desc")} nulls {(field.NullOrder == NullOrder.First ? "first" : "last")}");
        }

        return string.Join(", ", terms);
    }

    private static bool Keeps(Transform transform, bool isLast) => transform switch
    {
        Transform.Identity => true,
        Transform.Bucket or Transform.Void => false,
        _ => isLast,
    };
}
