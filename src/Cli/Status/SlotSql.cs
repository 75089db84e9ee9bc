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
}
