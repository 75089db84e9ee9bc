namespace Philotes.Buffer;

internal static class StatusSql
{
    /// <summary>Makes the statements of a report see one snapshot.</summary>
    public const string Server = """
        select clock_timestamp(), pg_database_size(current_database()),
               (select count(*)::int from philotes.generation where dropped_at is null)
        """;

    public const string Sources = """
        select source_id, name, system_identifier, timeline, slot_name::text, publication_name::text, durable_lsn::text, durable_at,
               capture_epoch, capture_owner, state, state_reason
        from philotes.source
        order by name
        """;

    public const string Tables = """
        select t.table_id, s.name, t.schema_name, t.table_name, k.state, k.state_reason, h.rows_in, k.rows_out,
               h.head_seq - k.committed_seq, coalesce(pg_wal_lsn_diff(h.head_lsn, coalesce(k.committed_lsn, '0/0')), 0)::bigint,
               h.head_ts, k.committed_ts,
               (select min(c.last_ts) from philotes.chunk as c where c.table_id = t.table_id and c.table_seq = k.committed_seq + 1),
               k.snapshot_id,
               (select count(*) from philotes.dead_letter as d where d.table_id = t.table_id and d.resolution is null),
               b.state, b.error_code, b.error_text
        from philotes.source_table as t
        join philotes.source as s using (source_id)
        join philotes.table_head as h using (table_id)
        join philotes.table_cursor as k using (table_id)
        left join lateral (
            select state, error_code, error_text
            from philotes.batch
            where table_id = t.table_id and state not in ('committed', 'rewound')
            order by from_seq
            limit 1
        ) as b on true
        order by s.name, t.schema_name, t.table_name, t.incarnation
        """;
}
