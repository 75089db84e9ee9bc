using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Columns;

/// <summary>A list, or lists in lists: one level per dimension. Any element may be NULL.</summary>
/// <param name="createWriter">Makes the column's writer around its element's.</param>
internal sealed class ListMapping(TypeMapping element, int dimensions, Func<ColumnWriter, ColumnWriter> createWriter) : TypeMapping
{
    public override IcebergType NewType(Func<int> nextId) => NewLevel(dimensions, nextId);

    public override Func<ColumnWriter>? WriterInto(IcebergType column)
    {
        for (var level = 0; level < dimensions; level++)
        {
            if (column is not ListType list)
                return null;
            column = list.Element;
        }

        return element.WriterInto(column) is { } inner ? () => createWriter(inner()) : null;
    }

    public override IcebergType? Fitted(IcebergType column, Func<int> nextId) => FittedLevel(column, dimensions, nextId);

    private IcebergType NewLevel(int level, Func<int> nextId) =>
        level == 0 ? element.NewType(nextId) : new ListType(nextId(), NewLevel(level - 1, nextId), ElementRequired: false);

    private IcebergType? FittedLevel(IcebergType column, int level, Func<int> nextId)
    {
        if (level == 0)
            return element.Fitted(column, nextId);
        return column is ListType list && FittedLevel(list.Element, level - 1, nextId) is { } inner ? list with { Element = inner } : null;
    }
}
