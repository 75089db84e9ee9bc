using Philotes.DuckDb;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Parquet;

/// <summary>Counts the NaNs of one float or double column, which Parquet's footer does not tell.</summary>
internal sealed class NanCounter(int fieldId, Vector vector)
{
    public int FieldId => fieldId;

    public long Count { get; private set; }

    /// <summary>One for each float and double column that is not below a list or map.</summary>
    public static IEnumerable<NanCounter> For(IReadOnlyList<NestedField> fields, IReadOnlyList<Vector> vectors) =>
        fields.Zip(vectors).SelectMany(column => column.First.Type switch
        {
            FloatType or DoubleType => [new NanCounter(column.First.Id, column.Second)],
            StructType inner => For(inner.Fields, column.Second.Fields),
            _ => [],
        });

    public void Add(int rowCount)
    {
        for (var row = 0; row < rowCount; row++)
        {
            if (IsNan(row) && !vector.IsNull(row))
                Count++;
        }
    }

    private bool IsNan(int row) =>
        vector.Type.Id == DuckDbTypeId.Float ? float.IsNaN(vector.Values<float>()[row]) : double.IsNaN(vector.Values<double>()[row]);
}
