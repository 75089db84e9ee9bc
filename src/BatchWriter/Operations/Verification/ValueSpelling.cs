using Philotes.DuckDb;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// How a value is spelled for comparison, by Postgres on one side and by DuckDB on the other, so that equal values have equal texts: numbers and
/// times as integers, floats by their bits, long values by their md5, lists, structs and maps by those of their parts. Neither side uses the code that
/// wrote the lake.
/// </summary>
/// <param name="LakeType">DuckDB's type to read the field as.</param>
/// <param name="Source">An expression over the source's value; null for NULL and for what the lake cannot hold.</param>
/// <param name="Lake">An expression over the lake's value; null for NULL.</param>
internal sealed record ValueSpelling(string LakeType, string Source, string Lake)
{
    /// <summary>Null where there is no common spelling.</summary>
    /// <param name="digest">Long texts by their md5: always within lists and structs, so that no part can look like two.</param>
    public static ValueSpelling? Of(PostgresType type, IcebergType field, string source, string lake, bool digest, int depth = 0) => field switch
    {
        BooleanType => new("BOOLEAN", $"case when {source} then 'true' when not {source} then 'false' end", $"cast({lake} as varchar)"),
        IntType => new("INTEGER", $"{source}::text", $"cast({lake} as varchar)"),
        LongType => new("BIGINT", $"{source}::text", $"cast({lake} as varchar)"),
        FloatType => new("FLOAT", Bits(source, "float4", 32), $"case when isnan({lake}) then 'NaN' else cast(cast({lake} as bit) as varchar) end"),
        DoubleType => new("DOUBLE", Bits(source, "float8", 64), $"case when isnan({lake}) then 'NaN' else cast(cast({lake} as bit) as varchar) end"),
        DecimalType number => new(FormattableString.Invariant($"DECIMAL({number.Precision},{number.Scale})"), Decimal(source, type, number), $"cast({lake} as varchar)"),
        DateType => new("DATE", $"case when isfinite({source}) then ({source} - date '1970-01-01')::text end", $"cast({lake} - date '1970-01-01' as varchar)"),
        TimestampType => new("TIMESTAMP", Micros(source), $"cast(epoch_us({lake}) as varchar)"),
        TimestampTzType => new("TIMESTAMP WITH TIME ZONE", Micros(source), $"cast(epoch_us({lake}) as varchar)"),
        TimeType => new("TIME", $"{source}::text", $"cast({lake} as varchar)"),
        UuidType => new("UUID", $"{source}::text", $"cast({lake} as varchar)"),
        BinaryType => new("BLOB", Digest($"encode({source}, 'hex')", digest), Digest($"lower(hex({lake}))", digest)),
        StringType => new("VARCHAR", $"case when {source} is not null then {Digest($"format('%s', {source})", digest)} end", Digest(lake, digest)),
        ListType list when type is ArrayType array => OfList(array, list, source, lake, depth),
        ListType { Element: FloatType } => OfVector(source, lake, depth),
        MapType { Key: StringType, Value: StringType } => OfMap(source, lake, depth),
        StructType group when type is CompositeType composite => OfStruct(composite, group, source, lake, depth),
        _ => null,
    };

    /// <summary>First length, number of elements, the elements in order. A value with other dimensions or bounds than the lake can hold is NULL there.</summary>
    private static ValueSpelling? OfList(ArrayType array, ListType list, string source, string lake, int depth)
    {
        IcebergType inner = list.Element;
        for (var level = 1; level < array.Dimensions; level++)
        {
            if (inner is not ListType deeper)
                return null;
            inner = deeper.Element;
        }

        var (row, item) = (FormattableString.Invariant($"u{depth}.x"), FormattableString.Invariant($"x{depth}"));
        if (Of(array.Element, inner, row, item, digest: true, depth + 1) is not { } element)
            return null;
        var flat = Enumerable.Range(1, array.Dimensions - 1).Aggregate(lake, (text, _) => $"flatten({text})");
        var bounds = string.Concat(Enumerable.Range(1, array.Dimensions).Select(level => FormattableString.Invariant($" and array_lower({source}, {level}) = 1")));
        return new ValueSpelling(
            element.LakeType + string.Concat(Enumerable.Repeat("[]", array.Dimensions)),
            FormattableString.Invariant($"""
                case when {source} is not null and (cardinality({source}) = 0 or (array_ndims({source}) = {array.Dimensions}{bounds})) then (
                select case when coalesce(bool_or({row} is distinct from null and {element.Source} is null), false) then null
                else coalesce(array_length({source}, 1), 0) || ':' || count(*) || ':' || md5(coalesce(string_agg(coalesce({element.Source}, '-'), ',' order by u{depth}.n), '')) end
                from (select unnest({source}) as x, generate_series(1, cardinality({source})) as n) as u{depth}) end
                """),
            $"case when {lake} is not null then len({lake}) || ':' || len({flat}) || ':' || md5(array_to_string(list_transform({flat}, lambda {item}: coalesce({element.Lake}, '-')), ',')) end");
    }

    /// <summary>vector and halfvec by their texts, <c>[1,2.5]</c>: the number of elements, the elements in order. Needs no cast of the extension's.</summary>
    private static ValueSpelling OfVector(string source, string lake, int depth)
    {
        var (row, item) = (FormattableString.Invariant($"v{depth}"), FormattableString.Invariant($"x{depth}"));
        return new ValueSpelling(
            "FLOAT[]",
            $"""
            case when {source} is not null then (
            select count(*) || ':' || md5(string_agg({Bits($"{row}.x", "float4", 32)}, ',' order by {row}.n))
            from unnest(string_to_array(btrim({source}::text, '[]'), ',')::float4[]) with ordinality as {row}(x, n)) end
            """,
            $"case when {lake} is not null then len({lake}) || ':' || md5(array_to_string(list_transform({lake}, lambda {item}: case when isnan({item}) then 'NaN' else cast(cast({item} as bit) as varchar) end), ',')) end");
    }

    /// <summary>hstore: the number of keys, then each with its value, in the order of their md5. Through jsonb, whose cast is found wherever the extension is.</summary>
    private static ValueSpelling OfMap(string source, string lake, int depth)
    {
        var (row, item) = (FormattableString.Invariant($"m{depth}"), FormattableString.Invariant($"x{depth}"));
        return new ValueSpelling(
            "MAP(VARCHAR, VARCHAR)",
            $"""
            case when {source} is not null then (
            select count(*) || ':' || md5(coalesce(string_agg(md5({row}.k) || coalesce(md5({row}.v), '-'), ',' order by md5({row}.k) collate "C"), ''))
            from jsonb_each_text({source}::jsonb) as {row}(k, v)) end
            """,
            $"case when {lake} is not null then cardinality({lake}) || ':' || md5(array_to_string(list_sort(list_transform(map_entries({lake}), lambda {item}: md5({item}.key) || coalesce(md5({item}.value), '-'))), ',')) end");
    }

    /// <summary>The attributes in their order. A row of NULLs is a struct of NULLs, as in the lake, and not NULL, as <c>is null</c> has it.</summary>
    private static ValueSpelling? OfStruct(CompositeType composite, StructType group, string source, string lake, int depth)
    {
        var (types, there, here, outside) = (new List<string>(), new List<string>(), new List<string>(), new List<string>());
        foreach (var attribute in composite.Fields)
        {
            if (Columns.StructMapping.FieldOf(group.Fields, attribute) is not { } field)
                return null;
            var value = $"({source}).{SqlText.Identifier(attribute.Name)}";
            if (Of(attribute.Type, field.Type, value, $"{lake}.{SqlText.Identifier(field.Name)}", digest: true, depth + 1) is not { } spelled)
                return null;
            types.Add($"{SqlText.Identifier(field.Name)} {spelled.LakeType}");
            there.Add($"coalesce({spelled.Source}, '-')");
            here.Add($"coalesce({spelled.Lake}, '-')");
            outside.Add($"({value} is distinct from null and {spelled.Source} is null)");
        }

        return there.Count == 0 ? null : new ValueSpelling(
            $"STRUCT({string.Join(", ", types)})",
            $"case when {source} is distinct from null and not ({string.Join(" or ", outside)}) then md5({string.Join(" || ',' || ", there)}) end",
            $"case when {lake} is not null then md5({string.Join(" || ',' || ", here)}) end");
    }

    private static string Digest(string text, bool digest) => digest ? $"md5({text})" : text;

    private static string Bits(string source, string type, int count) => FormattableString.Invariant(
        $"case when {source} = 'NaN' then 'NaN' else ('x' || encode({type}send({source}::{type}), 'hex'))::bit({count})::text end");

    private static string Micros(string source) => $"case when isfinite({source}) then (extract(epoch from {source}) * 1000000)::bigint::text end";

    private static string Decimal(string source, PostgresType type, DecimalType lake) => type.ToString() switch
    {
        "xid8" => $"{source}::text",
        { } words when words.StartsWith("money", StringComparison.Ordinal) => $"{source}::numeric::text",
        _ => FormattableString.Invariant(
            $"case when {source}::text not in ('NaN', 'Infinity', '-Infinity') and min_scale({source}) <= {lake.Scale} and abs({source}) < 1e{lake.Precision - lake.Scale}::numeric then {source}::numeric({lake.Precision},{lake.Scale})::text end"),
    };
}
