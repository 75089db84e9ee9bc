using Philotes.DuckDb;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// The same question to both sides. A row's key is its key columns' texts with <c>|</c> between them; its bucket is the beginning of the key's md5;
/// a bucket's hash is the exclusive or of the first 64 bits of its rows' md5: no order matters, and one changed digit changes it.
/// </summary>
internal static class VerifySql
{
    public const int BucketDigits = 3;

    /// <summary>Returns bucket, rows, hash (bigint).</summary>
    public static string SourceBuckets(TableShape shape) => $"""
        select substr(md5(k), 1, {BucketDigits}), count(*), coalesce(bit_xor(('x' || substr(md5(r), 1, 16))::bit(64)::bigint), 0)
        from ({SourceRows(shape)}) as q
        group by 1
        """;

    /// <summary>The rows of some buckets. Parameter: $1 buckets (text[]). Returns key, hash (bigint).</summary>
    public static string SourceOf(TableShape shape) => $"select k, ('x' || substr(md5(r), 1, 16))::bit(64)::bigint from ({SourceRows(shape)}) as q where substr(md5(k), 1, {BucketDigits}) = any ($1)";

    /// <summary>The same of the lake; the hash is unsigned.</summary>
    public static string LakeBuckets => $"""
        select substr(md5(k), 1, {BucketDigits}), cast(count(*) as varchar), cast(bit_xor(h) as varchar)
        from folded
        group by 1
        """;

    public static string LakeOf(IEnumerable<string> buckets) =>
        $"select k, cast(h as varchar) from folded where substr(md5(k), 1, {BucketDigits}) in ({string.Join(", ", buckets.Select(SqlText.Literal))})";

    /// <summary>
    /// Folds a changelog to the rows that it leaves: per key the latest change before the position, values that an update did not send from the
    /// change before it. A truncate ends all before it; an update that moved a row to another key ends the old one.
    /// </summary>
    public static string CreateFolded(TableShape shape, IEnumerable<string> files, ulong before)
    {
        var keys = shape.Columns.Where(column => column.IsKey).ToList();
        var values = shape.Columns.Where(column => !column.IsKey).ToList();
        var fixedText = Joined(values.Where(column => !column.IsLong).Select(column => column.Lake).DefaultIfEmpty("''"));
        var longs = values.Where(column => column.IsLong).ToList();
        var names = string.Join(", ", keys.Select((_, i) => $"k{i}"));
        var oldKeys = shape.Before is null ? "" : $"""
            union all
            select {string.Join(", ", keys.Select(key => $"{Renamed(key, $"b.{SqlText.Identifier(shape.BeforeNames[key.FieldId])}")}"))}, pos, 'delete', ''{string.Concat(longs.Select(_ => ", null, false"))}
            from live
            where op = 'update' and b is not null and ({string.Join(" or ", keys.Select(key => $"b.{SqlText.Identifier(shape.BeforeNames[key.FieldId])} is distinct from c{key.FieldId}"))})
            """;
        return $"""
            create temp table folded as
            with r as (
                select {string.Join(", ", shape.Columns.Select(column => $"c{column.FieldId}"))}, op, lsn::hugeint * 1099511627776 + seq as pos, {(shape.Before is null ? "null" : "b")} as b, coalesce(u, []::varchar[]) as u
                from read_parquet([{string.Join(", ", files.Select(SqlText.Literal))}], schema = map {"{"}{shape.ReadSchema()}{"}"})
                where lsn < {before}
            ), live as (
                select * from r where op <> 'truncate' and pos > coalesce((select max(pos) from r where op = 'truncate'), -1)
            ), changes ({names}, pos, op, f{string.Concat(longs.Select((_, i) => $", l{i}, s{i}"))}) as (
                select {string.Join(", ", keys.Select(key => key.Lake))}, pos, op, {fixedText}{string.Concat(longs.Select(column => $", {column.Lake}, not list_contains(u, {SqlText.Literal(column.Name)})"))}
                from live
                {oldKeys}
            )
            select {Joined(keys.Select((_, i) => $"k{i}"))} as k, cast('0x' || substr(md5(arg_max(f, pos){string.Concat(longs.Select((_, i) => $" || '|' || coalesce(arg_max(coalesce(l{i}, '-'), pos) filter (s{i}), '-')"))}), 1, 16) as ubigint) as h
            from changes
            group by {names}
            having arg_max(op, pos) <> 'delete'
            """;
    }

    private static string SourceRows(TableShape shape)
    {
        var keys = shape.Columns.Where(column => column.IsKey).Select(column => column.Source);
        var values = shape.Columns.Where(column => !column.IsKey).ToList();
        var fixedText = Joined(values.Where(column => !column.IsLong).Select(column => column.Source).DefaultIfEmpty("''"));
        var longs = string.Concat(values.Where(column => column.IsLong).Select(column => $" || '|' || coalesce({column.Source}, '-')"));
        return $"select {Joined(keys)} as k, {fixedText}{longs} as r from {SqlText.Identifier(shape.Name.Schema)}.{SqlText.Identifier(shape.Name.Table)}";
    }

    private static string Joined(IEnumerable<string> texts) => string.Join(" || '|' || ", texts.Select(text => $"coalesce({text}, '-')"));

    private static string Renamed(VerifiedColumn key, string with) => key.Lake.Replace($"c{key.FieldId}", with, StringComparison.Ordinal);
}
