namespace Philotes.Iceberg.Avro;

/// <summary>A record seen by Iceberg field ids, whatever order and extra fields its writer chose.</summary>
internal readonly record struct AvroRow(AvroSchema.Record Schema, object?[] Values)
{
    /// <summary>The field's value; null when it is null or the writer has no such field.</summary>
    public object? this[int fieldId] => IndexOf(fieldId) is >= 0 and var index ? Values[index] : null;

    public T Required<T>(int fieldId) => this[fieldId] is T value
        ? value
        : throw new IcebergFormatException($"Field {fieldId} of record '{Schema.Name}' is missing or has another type than {typeof(T).Name}.");

    public T? Optional<T>(int fieldId)
        where T : struct => this[fieldId] as T?;

    /// <summary>A record inside this one.</summary>
    public AvroRow Row(int fieldId) => new(
        RecordOf(SchemaOf(fieldId)) ?? throw new IcebergFormatException($"Field {fieldId} of record '{Schema.Name}' is not a record."),
        Required<object?[]>(fieldId));

    /// <summary>The records of a list inside this one; null when the list is.</summary>
    public IReadOnlyList<AvroRow>? Rows(int fieldId)
    {
        if (this[fieldId] is not List<object?> items)
        {
            return null;
        }

        var list = SchemaOf(fieldId) is AvroSchema.Union union ? union.Optional : SchemaOf(fieldId);
        var record = list is AvroSchema.Array array ? RecordOf(array.Items) : null;
        return record is null
            ? throw new IcebergFormatException($"Field {fieldId} of record '{Schema.Name}' is not a list of records.")
            : items.Select(item => new AvroRow(record, (object?[])item!)).ToList();
    }

    public AvroSchema SchemaOf(int fieldId) => Schema.Fields[IndexOf(fieldId) is >= 0 and var index
        ? index
        : throw new IcebergFormatException($"Record '{Schema.Name}' has no field {fieldId}.")].Schema;

    private static AvroSchema.Record? RecordOf(AvroSchema schema) => (schema is AvroSchema.Union union ? union.Optional : schema) as AvroSchema.Record;

    private int IndexOf(int fieldId) => Schema.Fields.FindIndex(field => field.FieldId == fieldId);
}
