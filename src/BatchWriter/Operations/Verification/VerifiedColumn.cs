using Philotes.BatchWriter.Columns;
using Philotes.DuckDb;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// How one column is spelled for comparison, by Postgres on one side and by DuckDB on the other, so that equal values have equal texts: numbers
/// and times as integers, floats by their bits, long values by their md5. Neither side uses the code that wrote the lake.
/// </summary>
/// <param name="Source">An expression over the source's column; null for NULL and for what the lake cannot hold.</param>
/// <param name="Lake">An expression over the field's vector, named <c>c</c> and its id.</param>
/// <param name="IsLong">May be stored out of line at the source, so an update may leave it out.</param>
internal sealed record VerifiedColumn(string Name, int FieldId, string LakeType, string Source, string Lake, bool IsKey, bool IsLong)
{
    /// <summary>Null where there is no such spelling: the column is not compared, and said so.</summary>
    public static VerifiedColumn? Of(ColumnSchema column, NestedField field)
    {
        var source = SqlText.Identifier(column.Name);
        var lake = FormattableString.Invariant($"c{field.Id}");
        var isLong = field.Type is StringType or BinaryType;
        var digest = isLong && !column.IsKey;
        (string Type, string Source, string Lake)? spelled = field.Type switch
        {
            BooleanType => ("BOOLEAN", $"case when {source} then 'true' when not {source} then 'false' end", $"cast({lake} as varchar)"),
            IntType => ("INTEGER", $"{source}::text", $"cast({lake} as varchar)"),
            LongType => ("BIGINT", $"{source}::text", $"cast({lake} as varchar)"),
            FloatType => ("FLOAT", Bits(source, "float4", 32), $"case when isnan({lake}) then 'NaN' else cast(cast({lake} as bit) as varchar) end"),
            DoubleType => ("DOUBLE", Bits(source, "float8", 64), $"case when isnan({lake}) then 'NaN' else cast(cast({lake} as bit) as varchar) end"),
            DecimalType type => (FormattableString.Invariant($"DECIMAL({type.Precision},{type.Scale})"), Decimal(source, column.Type, type), $"cast({lake} as varchar)"),
            DateType => ("DATE", $"case when isfinite({source}) then ({source} - date '1970-01-01')::text end", $"cast({lake} - date '1970-01-01' as varchar)"),
            TimestampType => ("TIMESTAMP", Micros(source), $"cast(epoch_us({lake}) as varchar)"),
            TimestampTzType => ("TIMESTAMP WITH TIME ZONE", Micros(source), $"cast(epoch_us({lake}) as varchar)"),
            TimeType => ("TIME", $"{source}::text", $"cast({lake} as varchar)"),
            UuidType => ("UUID", $"{source}::text", $"cast({lake} as varchar)"),
            BinaryType => ("BLOB", Digest($"encode({source}, 'hex')", digest), Digest($"lower(hex({lake}))", digest)),
            StringType => ("VARCHAR", $"case when {source} is not null then {Digest($"format('%s', {source})", digest)} end", Digest(lake, digest)),
            _ => null,
        };
        return spelled is { } way ? new VerifiedColumn(column.Name, field.Id, way.Type, way.Source, way.Lake, column.IsKey, isLong) : null;
    }

    private static string Digest(string text, bool digest) => digest ? $"md5({text})" : text;

    private static string Bits(string source, string type, int count) => FormattableString.Invariant(
        $"case when {source} = 'NaN' then 'NaN' else ('x' || encode({type}send({source}::{type}), 'hex'))::bit({count})::text end");

    private static string Micros(string source) => $"case when isfinite({source}) then (extract(epoch from {source}) * 1000000)::bigint::text end";

    private static string Decimal(string source, string postgresType, DecimalType lake) => postgresType switch
    {
        "money" => $"{source}::numeric::text",
        "xid8" => $"{source}::text",
        _ => FormattableString.Invariant(
            $"case when {source}::text not in ('NaN', 'Infinity', '-Infinity') and scale({source}) <= {lake.Scale} and abs({source}) < 1e{lake.Precision - lake.Scale}::numeric then {source}::numeric({lake.Precision},{lake.Scale})::text end"),
    };
}
