using Philotes.BatchWriter.Columns.Text;
using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Columns;

/// <summary>What a Postgres type is in the lake, and how its text gets there.</summary>
internal sealed record TypeMapping(IcebergType Type, Func<ColumnWriter> CreateWriter)
{
    /// <summary>
    /// A writer for a column that already exists, perhaps wider than this type: int in a long, float in a double, a decimal in one of more
    /// digits. Null: this type's values do not belong into that column.
    /// </summary>
    public Func<ColumnWriter>? WriterInto(IcebergType column) => (Type, column) switch
    {
        _ when Type == column => CreateWriter,
        (IntType, LongType) => () => new ValueColumn<long>(IntegerText.TryParseLong),
        (FloatType, DoubleType) => () => new ValueColumn<double>(FloatText.TryParseWidened),
        (DecimalType from, DecimalType to) when from.Scale == to.Scale && from.Precision < to.Precision => () => new DecimalColumn(to.Precision, to.Scale),
        _ => null,
    };

    /// <summary>Whether a column of <paramref name="column"/> may become one of this type without rewriting a file (Iceberg spec, Schema Evolution).</summary>
    public bool Widens(IcebergType column) => (column, Type) switch
    {
        (IntType, LongType) or (FloatType, DoubleType) => true,
        (DecimalType from, DecimalType to) => from.Scale == to.Scale && from.Precision < to.Precision,
        _ => false,
    };
}
