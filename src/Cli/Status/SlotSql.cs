namespace Philotes.Cli;

static class SlotSql
{
    /// <summary>
    /// One row always: server version, then active, wal_status, bytes of log that the slot keeps, bytes left before it is lost. Null where the
    /// slot does not exist. Parameter: slot name. Locks nothing; pg_current_wal_lsn is asked only where the server is not a standby.
    /// </summary>
    public const string Facts = """
        select current_setting('server_version'), s.active, s.wal_status,
               pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, s.restart_lsn)::bigint,
               s.safe_wal_size
        from (select 1) as one
        left join pg_replication_slots as s on s.slot_name = $1
        """;

    /// <summary>The end of the log in bytes. One row.</summary>
    public const string Position = "select pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, '0/0')";

    /// <summary>
    /// One row always: server version, then the slot (null where there is none), and who holds it back. Parameter: slot name. Columns that
    /// only newer servers have are read through JSON.
    /// </summary>
    public const string Entry = """
        select current_setting('server_version'), s.plugin::text, s.active,
               case when s.active_pid is not null then 'process ' || s.active_pid || coalesce(' (' || nullif(a.application_name, '') || ')', '') || coalesce(' at ' || host(a.client_addr), '') end,
               s.wal_status, s.confirmed_flush_lsn::text, s.restart_lsn::text,
               pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, s.restart_lsn)::bigint,
               s.safe_wal_size, r.spill_bytes,
               array(
                   select 'prepared transaction ' || p.gid || ' of ' || p.owner || ', since ' || to_char(p.prepared at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')
                   from pg_prepared_xacts as p
                   union all
                   (select 'process ' || b.pid || ' (' || coalesce(nullif(b.application_name, ''), b.usename) || '), transaction open since ' || to_char(b.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')
                    from pg_stat_activity as b
                    where b.xact_start < now() - interval '1 min' and b.pid <> pg_backend_pid() and b.backend_type = 'client backend'
                    order by b.xact_start
                    limit 5)
               )
        from (select 1) as one
        left join pg_replication_slots as s on s.slot_name = $1
        left join pg_stat_activity as a on a.pid = s.active_pid
        left join lateral (select (to_jsonb(x) ->> 'spill_bytes')::bigint as spill_bytes from pg_stat_replication_slots as x where x.slot_name = $1) as r on true
        """;
}
