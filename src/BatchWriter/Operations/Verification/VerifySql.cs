using Philotes.DuckDb;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>
/// The same question to both sides. A row's key is its key columns' texts with <c>|</c> between them; its bucket is the beginning of the key's md5;
/// its hash is the exclusive or of the first 64 bits of the md5 of its parts, each with the key before it; a bucket's hash is that of its rows: no
/// order matters, one changed digit changes it, and so do two rows that have exchanged their values. The parts are the columns that every change
/// carries, together, and each of those that an update may leave out: what is kept of a row while a changelog is folded is one number a part.
/// </summary>
internal static class VerifySql
{
    public const int BucketDigits = 3;

    private static readonly string Bucket = FormattableString.Invariant($"substr(md5(k), 1, {BucketDigits})");

    /// <summary>Parameter: $1 keys to leave out (text[]). Returns bucket, rows, hash (bigint).</summary>
    public static string SourceBuckets(TableShape shape) => $"select {Bucket}, count(*), bit_xor(h) from ({SourceRows(shape)}) as q where {NotLeftOut} group by 1";

    /// <summary>The rows of some buckets. Parameters: $1 keys to leave out (text[]), $2 buckets (text[]). Returns key, hash (bigint).</summary>
    public static string SourceOf(TableShape shape) => $"select k, h from ({SourceRows(shape)}) as q where {NotLeftOut} and {Bucket} = any ($2)";

    /// <summary>The same of the lake; the hash is unsigned.</summary>
    public static string LakeBuckets => $"select {Bucket}, cast(count(*) as varchar), cast(bit_xor(h) as varchar) from folded group by 1";

    public static string LakeOf(IEnumerable<string> buckets) => $"select k, cast(h as varchar) from folded where {Bucket} in ({string.Join(", ", buckets.Select(SqlText.Literal))})";

    public const string EmptyFolded = "create temp table folded (k varchar, h ubigint)";

    /// <summary>Rows that changed since and were there, or were not, against what the changelog says. Returns bucket, key, missing or extra.</summary>
    public static string TouchedDifferences => $"""
        select substr(md5(t.k), 1, {BucketDigits}), t.k, case when t.existed then 'missing' else 'extra' end
        from touched as t left join folded as f on f.k = t.k
        where t.existed <> (f.k is not null)
        """;

    /// <summary>Returns how many there are, how many of them were there, how many of them the changelog has.</summary>
    public const string TouchedCounts = """
        select cast(count(*) as varchar), cast(count(*) filter (t.existed) as varchar), cast(count(f.k) as varchar)
        from touched as t left join folded as f on f.k = t.k
        """;

    public const string TouchedKeys = "select k from touched";

    public const string LeaveOutTouched = "delete from folded where k in (select k from touched)";

    /// <summary>
    /// Folds a changelog to the rows that it leaves: per key the latest change before the position, values that an update did not send from the
    /// change before it. A truncate ends all before it; an update that moved a row to another key ends the old one.
    /// </summary>
    public static string CreateFolded(TableShape shape, IReadOnlyList<string> files, ulong before)
    {
        var longs = Longs(shape);
        var fixedText = Joined([.. Shorts(shape).Select(column => column.Lake), "''"]);
        var parts = string.Concat(longs.Select((column, i) =>
            FormattableString.Invariant($", case when not list_contains(u, {SqlText.Literal(column.Name)}) then {LakeHash(i + 1, $"coalesce({column.Lake}, '-')")} end as h{i + 1}")));
        var hash = longs.Select((_, i) => FormattableString.Invariant($"coalesce(arg_max(h{i + 1}, pos) filter (h{i + 1} is not null), {LakeHash(i + 1, "'-'")})"))
            .Aggregate("arg_max(h0, pos)", (all, part) => $"xor({all}, {part})");
        return $"""
            create temp table folded as
            with r as not materialized ({Read(shape, files, $"lsn < {before}")}), changes as not materialized (
                select k, pos, op <> 'delete' as stays, {LakeHash(0, fixedText)} as h0{parts}
                from (select {LakeKey(shape)} as k, * from r)
                where op <> 'truncate'
                {OldKeys(shape, $"false, 0::ubigint{string.Concat(longs.Select(_ => ", null::ubigint"))}")}
            )
            select k, {hash} as h
            from changes
            where pos > coalesce((select max(pos) from r where op = 'truncate'), -1)
            group by k
            having arg_max(stays, pos)
            """;
    }

    /// <summary>Keys that changed in [at, until): whether the row was there before says what happened to it first.</summary>
    public static string CreateTouched(TableShape shape, IReadOnlyList<string> files, ulong at, ulong until) => $"""
        create temp table touched as
        with r as not materialized ({Read(shape, files, $"lsn >= {at} and lsn < {until}")}), changes as (
            select {LakeKey(shape)} as k, pos, not (op = 'insert' or {(shape.Before is null ? "false" : $"(op = 'update' and b is not null and {Moved(shape)})")}) as existed
            from r
            {OldKeys(shape, "true")}
        )
        select k, arg_min(existed, pos) as existed from changes group by k
        """;

    /// <summary>What makes a position incomparable: truncates and copied rows behind it. Returns one number.</summary>
    public static string Rewritten(TableShape shape, IReadOnlyList<string> files, ulong at, ulong until) =>
        $"select cast(count(*) as varchar) from ({Read(shape, files, $"lsn >= {at} and lsn < {until}")}) where op in ('truncate', 'read')";

    private const string NotLeftOut = "not exists (select from unnest($1::text[]) as gone(k) where gone.k = q.k)";

    private static string Read(TableShape shape, IReadOnlyList<string> files, string condition) => $"""
        select {string.Join(", ", shape.Columns.Select(column => $"c{column.FieldId}"))}, op, lsn::hugeint * 1099511627776 + seq as pos, {(shape.Before is null ? "null" : "b")} as b, coalesce(u, []::varchar[]) as u
        from read_parquet([{string.Join(", ", files.Select(SqlText.Literal))}], schema = map {"{"}{shape.ReadSchema()}{"}"})
        where {condition}
        """;

    /// <summary>The rows that an update left behind under their old key.</summary>
    private static string OldKeys(TableShape shape, string values) => shape.Before is null ? "" : $"""
        union all
        select {Joined(Keys(shape).Select(key => Renamed(key, $"b.{SqlText.Identifier(shape.BeforeNames[key.FieldId])}")))}, pos, {values}
        from r
        where op = 'update' and b is not null and ({Moved(shape)})
        """;

    private static string Moved(TableShape shape) =>
        string.Join(" or ", Keys(shape).Select(key => $"b.{SqlText.Identifier(shape.BeforeNames[key.FieldId])} is distinct from c{key.FieldId}"));

    private static string LakeKey(TableShape shape) => Joined(Keys(shape).Select(key => key.Lake));

    private static string LakeHash(int part, string text) => FormattableString.Invariant($"cast('0x' || substr(md5('{part}|' || k || '|' || {text}), 1, 16) as ubigint)");

    private static string SourceRows(TableShape shape)
    {
        var fixedText = Joined([.. Shorts(shape).Select(column => column.Source), "''"]);
        var longs = Longs(shape).Select((column, i) => " # " + SourceHash(i + 1, $"coalesce({column.Source}, '-')"));
        return $"""
            select "~key" as k, {SourceHash(0, fixedText)}{string.Concat(longs)} as h
            from (select {Joined(Keys(shape).Select(key => key.Source))} as "~key", * from {SqlText.Identifier(shape.Name.Schema)}.{SqlText.Identifier(shape.Name.Table)}) as s
            """;
    }

    private static string SourceHash(int part, string text) => FormattableString.Invariant($"('x' || substr(md5('{part}|' || \"~key\" || '|' || {text}), 1, 16))::bit(64)::bigint");

    private static IEnumerable<VerifiedColumn> Keys(TableShape shape) => shape.Columns.Where(column => column.IsKey);

    private static List<VerifiedColumn> Shorts(TableShape shape) => [.. shape.Columns.Where(column => column is { IsKey: false, IsLong: false })];

    private static List<VerifiedColumn> Longs(TableShape shape) => [.. shape.Columns.Where(column => column is { IsKey: false, IsLong: true })];

    private static string Joined(IEnumerable<string> texts) => string.Join(" || '|' || ", texts.Select(text => $"coalesce({text}, '-')"));

    private static string Renamed(VerifiedColumn key, string with) => key.Lake.Replace($"c{key.FieldId}", with, StringComparison.Ordinal);
}
