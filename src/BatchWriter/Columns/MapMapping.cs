using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Columns;

/// <summary>hstore: a map of strings, whose values may be NULL.</summary>
internal sealed class MapMapping : TypeMapping
{
    public override IcebergType NewType(Func<int> nextId)
    {
        var key = nextId();
        return new MapType(key, new StringType(), nextId(), new StringType(), ValueRequired: false);
    }

    public override Func<ColumnWriter>? WriterInto(IcebergType column) =>
        column is MapType { Key: StringType, Value: StringType } ? static () => new MapColumn() : null;

    public override IcebergType? Fitted(IcebergType column, Func<int> nextId) => WriterInto(column) is null ? null : column;
}
