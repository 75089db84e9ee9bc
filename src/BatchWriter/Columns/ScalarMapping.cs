using Philotes.BatchWriter.Columns.Text;
using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Columns;

/// <summary>A type whose values are one leaf.</summary>
internal sealed class ScalarMapping(IcebergType type, Func<ColumnWriter> createWriter) : TypeMapping
{
    public override IcebergType NewType(Func<int> nextId) => type;

    public override Func<ColumnWriter>? WriterInto(IcebergType column) => (type, column) switch
    {
        _ when type == column => createWriter,
        (IntType, LongType) => () => new ValueColumn<long>(IntegerText.TryParseLong),
        (FloatType, DoubleType) => () => new ValueColumn<double>(FloatText.TryParseWidened),
        (DecimalType from, DecimalType to) when from.Scale == to.Scale && from.Precision < to.Precision => () => new DecimalColumn(to.Precision, to.Scale),
        _ => null,
    };

    public override IcebergType? Fitted(IcebergType column, Func<int> nextId) => (column, type) switch
    {
        _ when WriterInto(column) is not null => column,
        (IntType, LongType) or (FloatType, DoubleType) => type,
        (DecimalType from, DecimalType to) when from.Scale == to.Scale && from.Precision < to.Precision => type,
        _ => null,
    };
}
