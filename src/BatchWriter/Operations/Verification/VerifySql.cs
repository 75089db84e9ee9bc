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

    /// <summary>A key with its text, and what an aggregate keeps of a column: measured at 10 and 30 million keys, rounded up.</summary>
    private const long KeyBytes = 64;
    private const long StateBytes = 48;
    private const long PartShare = 2;
    private const long PartsMax = 128;

    private static readonly string Bucket = FormattableString.Invariant($"substr(md5(k), 1, {BucketDigits})");

    /// <summary>Parameter: $1 keys to leave out (text[]). Returns bucket, rows, hash (bigint).</summary>
    public static string SourceBuckets(TableShape shape) => $"select {Bucket}, count(*), bit_xor(h) from ({SourceRows(shape)}) as q where {NotLeftOut} group by 1";

    /// <summary>The rows of some buckets. Parameters: $1 keys to leave out (text[]), $2 buckets (text[]). Returns key, hash (bigint).</summary>
    public static string SourceOf(TableShape shape) => $"select k, h from ({SourceRows(shape)}) as q where {NotLeftOut} and {Bucket} = any ($2)";

    /// <summary>The same of one part of the lake's changes; the hash is unsigned.</summary>
    public static string LakeBuckets(TableShape shape, string part) =>
        $"select {Bucket}, cast(count(*) as varchar), cast(bit_xor(h) as varchar) from ({Folded(shape, part, NotTouched)}) group by 1";

    public static string LakeOf(TableShape shape, string part, IEnumerable<string> buckets) =>
        $"select k, cast(h as varchar) from ({Folded(shape, part, $"{NotTouched} and {Bucket} in ({string.Join(", ", buckets.Select(SqlText.Literal))})")})";

    /// <summary>Keys of rows that changed after the position, and whether they were there before; filled where that is asked.</summary>
    public const string NothingTouched = "create temp table touched (k varchar, existed boolean); create temp table known (k varchar)";

    /// <summary>Which of the touched rows the changelog has at the position: the part's share of them.</summary>
    public static string AddKnown(TableShape shape, string part) => $"insert into known select k from ({Folded(shape, part, "k in (select k from touched)")})";

    /// <summary>Rows that changed since and were there, or were not, against what the changelog says. Returns bucket, key, missing or extra.</summary>
    public static string TouchedDifferences => $"""
        select substr(md5(t.k), 1, {BucketDigits}), t.k, case when t.existed then 'missing' else 'extra' end
        from touched as t left join known as f on f.k = t.k
        where t.existed <> (f.k is not null)
        """;

    /// <summary>Returns how many there are, how many of them were there, how many of them the changelog has.</summary>
    public const string TouchedCounts = """
        select cast(count(*) as varchar), cast(count(*) filter (t.existed) as varchar), cast(count(f.k) as varchar)
        from touched as t left join known as f on f.k = t.k
        """;

    public const string TouchedKeys = "select k from touched";

    /// <summary>
    /// How many parts the changes are written in, so that one is folded within the engine's memory however many rows the table has. The engine itself
    /// spills until a part is some twenty times its memory; this stays far from there.
    /// </summary>
    /// <param name="changes">Rows of the changelog.</param>
    public static int Parts(TableShape shape, long changes, long memoryBytes) =>
        (int)Math.Clamp(changes * (KeyBytes + (StateBytes * (2L + Longs(shape).Count))) / (PartShare * memoryBytes), 1, PartsMax);

    /// <summary>The part that holds a bucket's keys.</summary>
    public static int PartOf(string bucket, int parts) => Convert.ToInt32(bucket, 16) % parts;

    /// <summary>Where the last truncate before a position is. Returns one number; -1 for none.</summary>
    public static string Truncated(TableShape shape, IReadOnlyList<string> files, ulong before) =>
        $"select cast(coalesce(max({Position}), -1) as varchar) from ({Read(shape, files, $"lsn < {before}")}) where op = 'truncate'";

    /// <summary>
    /// Writes what a changelog says of its keys before a position into a folder, a part in each folder <c>part=n</c> of it. Nothing is held but the rows
    /// that are on their way into files.
    /// </summary>
    /// <param name="truncated">Changes up to here have ended.</param>
    public static string WriteChanges(TableShape shape, IReadOnlyList<string> files, ulong before, string truncated, string folder, int parts)
    {
        var longs = Longs(shape);
        var fixedText = Joined([.. Shorts(shape).Select(column => column.Lake), "''"]);
        var hashes = string.Concat(longs.Select((column, i) =>
            FormattableString.Invariant($", case when not list_contains(u, {SqlText.Literal(column.Name)}) then {LakeHash(i + 1, $"coalesce({column.Lake}, '-')")} end as h{i + 1}")));
        return $"""
            copy (
                with r as not materialized ({Read(shape, files, $"lsn < {before}")}), changes as not materialized (
                    select k, lsn, seq, op <> 'delete' as stays, {LakeHash(0, fixedText)} as h0{hashes}
                    from (select {LakeKey(shape)} as k, * from r)
                    where op <> 'truncate'
                    {OldKeys(shape, $"lsn, seq, false, 0::ubigint{string.Concat(longs.Select(_ => ", null::ubigint"))}")}
                )
                select *, cast('0x' || {Bucket} as integer) % {parts} as part from changes where {Position} > {truncated}
            ) to {SqlText.Literal(folder)} (format parquet, partition_by (part), row_group_size 20480, overwrite_or_ignore true)
            """;
    }

    /// <summary>Of each key the latest change; values that an update did not send are those of the change before it.</summary>
    private static string Folded(TableShape shape, string part, string condition)
    {
        var hash = Longs(shape).Select((_, i) => FormattableString.Invariant($"coalesce(arg_max(h{i + 1}, pos) filter (h{i + 1} is not null), {LakeHash(i + 1, "'-'")})"))
            .Aggregate("arg_max(h0, pos)", (all, hashed) => $"xor({all}, {hashed})");
        return $"""
            select k, {hash} as h
            from (select *, {Position} as pos from read_parquet({SqlText.Literal(part + "/*.parquet")}, hive_partitioning = false) where {condition})
            group by k
            having arg_max(stays, pos)
            """;
    }

    /// <summary>Keys that changed in [at, until): whether the row was there before says what happened to it first.</summary>
    public static string FindTouched(TableShape shape, IReadOnlyList<string> files, ulong at, ulong until) => $"""
        insert into touched
        with r as not materialized ({Read(shape, files, $"lsn >= {at} and lsn < {until}")}), changes as (
            select {LakeKey(shape)} as k, {Position} as pos, not (op = 'insert' or {(shape.Before is null ? "false" : $"(op = 'update' and b is not null and {Moved(shape)})")}) as existed
            from r
            {OldKeys(shape, $"{Position}, true")}
        )
        select k, arg_min(existed, pos) as existed from changes group by k
        """;

    /// <summary>What makes a position incomparable: truncates and copied rows behind it. Returns one number.</summary>
    public static string Rewritten(TableShape shape, IReadOnlyList<string> files, ulong at, ulong until) =>
        $"select cast(count(*) as varchar) from ({Read(shape, files, $"lsn >= {at} and lsn < {until}")}) where op in ('truncate', 'read')";

    /// <summary>A position within a source as one number.</summary>
    private const string Position = "(lsn::hugeint * 1099511627776 + seq)";

    private const string NotTouched = "k not in (select k from touched)";

    private const string NotLeftOut = "not exists (select from unnest($1::text[]) as gone(k) where gone.k = q.k)";

    private static string Read(TableShape shape, IReadOnlyList<string> files, string condition) => $"""
        select {string.Join(", ", shape.Columns.Select(column => $"c{column.FieldId}"))}, op, lsn, seq, {(shape.Before is null ? "null" : "b")} as b, coalesce(u, []::varchar[]) as u
        from read_parquet([{string.Join(", ", files.Select(SqlText.Literal))}], schema = map {"{"}{shape.ReadSchema()}{"}"})
        where {condition}
        """;

    /// <summary>The rows that an update left behind under their old key.</summary>
    private static string OldKeys(TableShape shape, string values) => shape.Before is null ? "" : $"""
        union all
        select {Joined(Keys(shape).Select(key => Renamed(key, $"b.{SqlText.Identifier(shape.BeforeNames[key.FieldId])}")))}, {values}
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
