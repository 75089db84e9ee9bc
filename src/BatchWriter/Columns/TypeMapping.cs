using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Columns;

/// <summary>What a Postgres type is in the lake, and how its text gets there.</summary>
internal abstract class TypeMapping
{
    /// <summary>The type without field ids of its own, for messages and comparisons by eye.</summary>
    public IcebergType Type => NewType(static () => 0);

    /// <summary>The type of a new column. Elements, keys, values and fields take their ids from <paramref name="nextId"/>, parents first.</summary>
    public abstract IcebergType NewType(Func<int> nextId);

    /// <summary>
    /// A writer for a column that already exists, perhaps wider than this type: int in a long, float in a double, a decimal in one of more
    /// digits, a struct with more fields. Null: this type's values do not belong into that column.
    /// </summary>
    public abstract Func<ColumnWriter>? WriterInto(IcebergType column);

    /// <summary>
    /// What a column of <paramref name="column"/> becomes without rewriting a file, so that this type's values fit: itself when they do already, a wider
    /// type (Iceberg spec, Schema Evolution), a struct with a field more or a field renamed. Null when Iceberg has no such change.
    /// </summary>
    public abstract IcebergType? Fitted(IcebergType column, Func<int> nextId);

    /// <summary>Whether a column does not hold this type's values yet and can become so without rewriting a file.</summary>
    public bool Widens(IcebergType column) => WriterInto(column) is null && Fitted(column, static () => 0) is not null;
}
