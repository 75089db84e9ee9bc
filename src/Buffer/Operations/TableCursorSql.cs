namespace Philotes.Buffer.Operations;

internal static class TableCursorSql
{
    /// <summary>Parameter: table. Zero or one row.</summary>
    public const string Find = """
        select k.committed_seq, k.claimed_seq, h.head_seq, k.state, k.state_reason
        from philotes.table_cursor as k
        join philotes.table_head as h using (table_id)
        where k.table_id = @table::int
        """;

    /// <summary>Also while changes wait for the table's copy. Parameters: table, lsn (text). One row.</summary>
    public const string IsBehind = """
        select exists (
            select 1
            from philotes.chunk as c
            join philotes.table_cursor as k using (table_id)
            where c.table_id = @table::int and c.table_seq > k.committed_seq and c.first_lsn < @lsn::text::pg_lsn)
            or exists (select 1 from philotes.table_head where table_id = @table::int and held)
        """;

    /// <summary>Parameter: table.</summary>
    public const string NewestSchema = "select schema_id from philotes.table_schema where table_id = @table::int order by schema_id desc limit 1";

    /// <summary>Events of committed batches, events of them that are not in the lake, and files of committed batches. Parameter: table.</summary>
    public const string Totals = """
        select coalesce(sum(b.row_count), 0)::bigint,
               (select count(*) from philotes.dead_letter as d
                 join philotes.chunk as c on c.table_id = d.table_id and c.chunk = d.chunk and c.gen = d.gen
                 join philotes.table_cursor as k on k.table_id = d.table_id and c.table_seq <= k.committed_seq
                where d.table_id = @table::int and (d.resolution is null or d.resolution = 'skip')),
               coalesce(sum(jsonb_array_length(b.files -> 'files')), 0)::int
        from philotes.batch as b
        where b.table_id = @table::int and b.state = 'committed'
        """;
}
