namespace Philotes.Capture.Source;

/// <summary>What is asked of the source beside the stream. Reads views and peeks at nothing.</summary>
internal static class WatchSql
{
    /// <summary>
    /// Parameter: slot name. Zero or one row: end of the log, active, wal_status, bytes kept, bytes behind what was acknowledged, bytes until it
    /// is lost, bytes spilled.
    /// </summary>
    public const string Slot = """
        select pg_catalog.pg_wal_lsn_diff(w.position, '0/0'), s.active, s.wal_status, pg_catalog.pg_wal_lsn_diff(w.position, s.restart_lsn)::bigint,
               pg_catalog.pg_wal_lsn_diff(w.position, s.confirmed_flush_lsn)::bigint, s.safe_wal_size, r.spill_bytes
        from (select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_lsn() end as position) as w
        cross join pg_catalog.pg_replication_slots as s
        left join lateral (
            select (pg_catalog.to_jsonb(x) ->> 'spill_bytes')::bigint as spill_bytes from pg_catalog.pg_stat_replication_slots as x where x.slot_name = s.slot_name
        ) as r on true
        where s.slot_name = $1
        """;
}
