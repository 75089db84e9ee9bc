using Philotes.DuckDb;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Parquet;

/// <summary>
/// How a schema's fields lie in a file: the engine's column types, the names, and the field ids as COPY's FIELD_IDS wants them.
/// Readers go by field id, so a name may differ from the table's. A top-level name is spelt in the file as Iceberg's Java library spells it
/// (<see cref="CompatibleName"/>), because some readers look for just that spelling. DuckDB compares names without case, and of two fields
/// that differ only so the later one gets a suffix in the file.
/// </summary>
internal sealed record ParquetLayout(IReadOnlyList<DuckDbField> Columns, string FieldIds)
{
    private const string FieldIdKey = "__duckdb_field_id";

    public static ParquetLayout Of(IcebergSchema schema)
    {
        if (schema.Fields.Count == 0)
            throw new NotSupportedException("A Parquet file needs a column, and the schema has none.");
        var columns = FieldsOf([.. schema.Fields.Select(field => field with { Name = CompatibleName.Of(field.Name) })]);
        return new ParquetLayout(columns, $"{{{Join(schema.Fields, columns)}}}");
    }

    private static DuckDbType TypeOf(IcebergType type) => type switch
    {
        BooleanType => DuckDbType.Of(DuckDbTypeId.Boolean),
        IntType => DuckDbType.Of(DuckDbTypeId.Integer),
        LongType => DuckDbType.Of(DuckDbTypeId.BigInt),
        FloatType => DuckDbType.Of(DuckDbTypeId.Float),
        DoubleType => DuckDbType.Of(DuckDbTypeId.Double),
        DecimalType d => DuckDbType.Decimal(d.Precision, d.Scale),
        DateType => DuckDbType.Of(DuckDbTypeId.Date),
        TimeType => DuckDbType.Of(DuckDbTypeId.Time),
        TimestampType => DuckDbType.Of(DuckDbTypeId.Timestamp),
        TimestampTzType => DuckDbType.Of(DuckDbTypeId.TimestampTz),
        StringType => DuckDbType.Of(DuckDbTypeId.Text),
        UuidType => DuckDbType.Of(DuckDbTypeId.Uuid),
        BinaryType => DuckDbType.Of(DuckDbTypeId.Blob),
        ListType l => DuckDbType.List(TypeOf(l.Element)),
        MapType m => DuckDbType.Map(TypeOf(m.Key), TypeOf(m.Value)),
        StructType { Fields.Count: > 0 } s => DuckDbType.Struct(FieldsOf(s.Fields)),
        _ => throw new NotSupportedException($"Type {type} cannot be written to Parquet so that every engine reads it."),
    };

    private static List<DuckDbField> FieldsOf(IReadOnlyList<NestedField> fields)
    {
        var wanted = fields.Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { FieldIdKey };
        var named = new List<DuckDbField>(fields.Count);
        foreach (var field in fields)
        {
            var name = taken.Contains(field.Name) ? Suffixed(field.Name, wanted, taken) : field.Name;
            taken.Add(name);
            named.Add(new DuckDbField(name, TypeOf(field.Type)));
        }
        return named;
    }

    private static string Suffixed(string name, HashSet<string> wanted, HashSet<string> taken)
    {
        for (var suffix = 2; ; suffix++)
        {
            var candidate = FormattableString.Invariant($"{name}_{suffix}");
            if (!wanted.Contains(candidate) && !taken.Contains(candidate))
                return candidate;
        }
    }

    private static string Join(IReadOnlyList<NestedField> fields, IReadOnlyList<DuckDbField> named) =>
        string.Join(", ", fields.Zip(named, static (field, column) => $"{SqlText.Literal(column.Name)}: {IdsOf(field, column.Type)}"));

    private static string IdsOf(NestedField field, DuckDbType type)
    {
        var children = IcebergSchema.ChildrenOf(field.Type);
        return children.Count == 0
            ? FormattableString.Invariant($"{field.Id}")
            : FormattableString.Invariant($"{{{FieldIdKey}: {field.Id}, {Join(children, type.Fields)}}}");
    }
}
