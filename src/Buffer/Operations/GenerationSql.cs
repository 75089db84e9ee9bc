namespace Philotes.Buffer.Operations;

internal static class GenerationSql
{
    /// <summary>Oldest first. Reads the chunk directory and the catalog, no event.</summary>
    public const string List = """
        select g.gen, g.created_at, g.sealed_at,
               coalesce(pg_total_relation_size(to_regclass(format('philotes.event_g%s', g.gen))), 0)
               + coalesce(pg_total_relation_size(to_regclass(format('philotes.chunk_g%s', g.gen))), 0),
               coalesce(c.events, 0)::bigint, c.oldest, c.newest, coalesce(c.pending, 0)::bigint,
               (select count(*) from philotes.dead_letter as d where d.gen = g.gen and d.resolution is null), g.pinned_by
        from philotes.generation as g
        left join lateral (
            select sum(q.row_count) as events, min(q.last_ts) as oldest, max(q.last_ts) as newest,
                   sum(q.row_count) filter (where q.table_seq > k.committed_seq and k.state <> 'dropped') as pending
            from philotes.chunk as q
            join philotes.table_cursor as k using (table_id)
            where q.gen = g.gen
        ) as c on true
        where g.dropped_at is null
        order by g.gen
        """;

    /// <summary>The buffer's clock.</summary>
    public const string Now = "select clock_timestamp()";
}
