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
        select t.table_id, s.name, t.schema_name, t.table_name, k.state, coalesce(k.state_reason, t.capture_note), h.rows_in, k.rows_out,
               h.head_seq - k.committed_seq, coalesce(pg_wal_lsn_diff(h.head_lsn, coalesce(k.committed_lsn, '0/0')), 0)::bigint,
               h.head_ts, k.committed_ts,
               (select min(c.last_ts) from philotes.chunk as c where c.table_id = t.table_id and c.table_seq = k.committed_seq + 1),
               k.snapshot_id,
               (select count(*) from philotes.dead_letter as d where d.table_id = t.table_id and d.resolution is null),
               b.state, b.error_code, b.error_text,
               (select count(*) from philotes.value_exception as v where v.table_id = t.table_id), h.held
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

    /// <summary>
    /// What the buffer took in and gave out lately. One row: events, bytes and seconds of the newest chunks (ten minutes at most), bytes on
    /// disk for a captured byte, oldest chunk, writers, batches in flight, commits of the last minute, time and text of the last error.
    /// </summary>
    public const string Activity = """
        with newest as (
            select max(gen) as gen from philotes.generation where dropped_at is null
        ), recent as (
            select c.row_count, c.byte_count, c.last_ts
            from philotes.chunk as c
            cross join newest as n
            where c.gen >= n.gen - 1 and c.last_ts > clock_timestamp() - interval '10 min'
        ), rate as (
            select coalesce(sum(row_count), 0)::bigint as events, coalesce(sum(byte_count), 0)::bigint as bytes,
                   greatest(extract(epoch from clock_timestamp() - min(last_ts)), 1)::float8 as seconds
            from recent
        ), size as (
            select coalesce(pg_total_relation_size(to_regclass(format('philotes.event_g%s', n.gen))), 0)::float8
                   / nullif((select sum(c.byte_count) from philotes.chunk as c where c.gen = n.gen), 0)::float8 as factor
            from newest as n
        ), error as (
            select claimed_at, error_code, error_text
            from philotes.batch
            where state in ('failed', 'dead')
            order by claimed_at desc
            limit 1
        )
        select coalesce(r.events / r.seconds, 0), coalesce(r.bytes / r.seconds * greatest(z.factor, 1), 0),
               (select min(c.last_ts) from philotes.chunk as c where c.gen = (select min(gen) from philotes.generation where dropped_at is null)),
               (select count(distinct claimed_by) from philotes.batch where claimed_at > clock_timestamp() - interval '5 min')::int,
               (select count(*) from philotes.batch where state in ('claimed', 'committing') and lease_until > clock_timestamp())::int,
               (select count(*) from philotes.batch where committed_at > clock_timestamp() - interval '1 min')::int,
               e.claimed_at, e.error_code || ' ' || coalesce(e.error_text, ''),
               (select count(*) from philotes.batch where state = 'committing' and claimed_at < clock_timestamp() - interval '1 min')::int
        from rate as r
        cross join size as z
        left join error as e on true
        """;
}
