namespace Philotes.Capture.Source;

/// <summary>Questions to the source's catalog. Every name is qualified: the search path is empty.</summary>
internal static class SourceSql
{
    /// <summary>The slot and who holds it. Parameter: slot name. Returns zero or one row; takes no lock. The row as JSON, because columns differ between versions.</summary>
    public const string Slot = """
        select s.plugin, s.database, s.temporary, s.wal_status, to_jsonb(s) ->> 'invalidation_reason', s.confirmed_flush_lsn::text, s.active_pid,
               case when s.active_pid is not null then
                   'process ' || s.active_pid || coalesce(' (' || nullif(a.application_name, '') || ')', '')
                   || coalesce(' at ' || host(a.client_addr), '') end
        from pg_catalog.pg_replication_slots s
        left join pg_catalog.pg_stat_activity a on a.pid = s.active_pid
        where s.slot_name = $1
        """;

    /// <summary>What a slot needs from the server and from us. No parameter; one row.</summary>
    public const string Prerequisites = """
        select pg_catalog.current_setting('wal_level'),
               pg_catalog.current_setting('max_replication_slots')::int - (select count(*)::int from pg_catalog.pg_replication_slots),
               r.rolreplication or r.rolsuper or exists (
                   select from pg_catalog.pg_roles m
                   where m.rolname in ('rds_replication', 'cloudsqlreplica') and pg_catalog.pg_has_role(r.oid, m.oid, 'member')),
               r.rolname::text, pg_catalog.current_database()::text,
               pg_catalog.current_setting('server_version_num')::int,
               (select setting::int from pg_catalog.pg_settings where name = 'wal_sender_timeout'),
               pg_catalog.current_setting('server_encoding'),
               pg_catalog.pg_is_in_recovery()
        from pg_catalog.pg_roles r
        where r.rolname = current_user
        """;

    /// <summary>Creates the slot. Parameter: name. One row: the consistent point. Waits for the transactions that are open now.</summary>
    public const string CreateSlot = "select lsn::text from pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput', false, false)";

    /// <summary>As <see cref="CreateSlot"/>, from Postgres 17: the slot follows a failover to a synchronised standby.</summary>
    public const string CreateFailoverSlot =
        "select lsn::text from pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput', temporary => false, twophase => false, failover => true)";

    /// <summary>Drops the slot if it is there and nobody reads it. Parameter: name.</summary>
    public const string DropSlot = "select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where slot_name = $1";

    /// <summary>Every column that a relation has or had, in order; a dropped one keeps its row and its number. Parameter: table OID.</summary>
    public const string Attributes = """
        select attnum::int, attname::text, atttypid, atttypmod, attisdropped, attgenerated <> '', xmin, cmin
        from pg_catalog.pg_attribute
        where attrelid = $1 and attnum > 0
        order by attnum
        """;

    /// <summary>The end of the log as it is written or, on a standby, replayed. One row.</summary>
    public const string Position = """
        select (case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_insert_lsn() end)::text
        """;

    /// <summary>A logical message outside of any transaction. One row: the position behind it. Writes into the source's log; not possible on a standby.</summary>
    public const string EmitHeartbeat = "select pg_catalog.pg_logical_emit_message(false, 'philotes', 'heartbeat')::text";
}
