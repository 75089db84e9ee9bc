using Philotes.Buffer;

namespace Philotes.Capture;

/// <summary>What the server, its settings and the role must be. A service that runs the server for others is known by the roles that it makes; the remedy is then what that service takes.</summary>
internal static class SourceServerChecks
{
    /// <summary>An SQL expression: rds, cloudsql, azure, neon or supabase; empty for a server of one's own.</summary>
    private const string Service = """
        case when exists (select from pg_roles where rolname = 'rds_superuser') then 'rds'
             when exists (select from pg_roles where rolname = 'cloudsqlsuperuser') then 'cloudsql'
             when exists (select from pg_roles where rolname = 'azure_pg_admin') then 'azure'
             when exists (select from pg_roles where rolname = 'neon_superuser') then 'neon'
             when exists (select from pg_roles where rolname = 'supabase_admin') then 'supabase' else '' end
        """;

    public static IReadOnlyList<SqlCheck> All { get; } =
    [
        new("DR01", "wal_level is logical", "Without it nothing can be decoded.", $"""
            select 'fail', 'wal_level is ' || current_setting('wal_level'), case {Service}
                when 'rds' then 'set rds.logical_replication = 1 in the instance''s parameter group; then reboot it'
                when 'cloudsql' then 'set the flag cloudsql.logical_decoding = on, which restarts the instance'
                when 'azure' then 'set the server parameter wal_level = logical; then restart the server'
                when 'neon' then 'switch on logical replication in the project''s settings'
                else 'alter system set wal_level = logical; then restart the server' end
            where current_setting('wal_level') <> 'logical'
            """),
        new("DR02", "the role may replicate and does not expire", "A role that expires stops capture on that day.", $"""
            select 'fail', format('role %s may not replicate', rolname), case {Service}
                when 'rds' then format('grant rds_replication to %I;', rolname)
                when 'cloudsql' then format('alter user %I with replication; as a user that has cloudsqlsuperuser', rolname)
                when 'azure' then format('alter role %I with replication; as a user that has azure_pg_admin', rolname)
                when 'neon' then 'make the role in the console or by the API: one made by SQL may not replicate'
                else format('alter role %I replication;', rolname) end
            from pg_roles as r
            where rolname = current_user and not rolreplication and not rolsuper
              and not exists (select from pg_roles as m where m.rolname = 'rds_replication' and pg_has_role(r.oid, m.oid, 'member'))
            union all
            select 'warn', format('role %s expires at %s', rolname, rolvaliduntil), format('alter role %I valid until ''infinity'';', rolname)
            from pg_roles
            where rolname = current_user and rolvaliduntil is not null and isfinite(rolvaliduntil)
            """),
        new("DR03", "free replication slots and senders", "Capture needs one slot and one sender; the initial copy and verify need one more of each for a moment.", $"""
            with slots as (select count(*) >= current_setting('max_replication_slots')::int as are_used, coalesce(bool_or(slot_name = $1), false) as have_ours from pg_replication_slots),
                 senders as (select count(*) >= current_setting('max_wal_senders')::int as are_used, exists (select from pg_replication_slots where slot_name = $1 and active) as have_ours from pg_stat_replication)
            select 'fail', format('all %s replication slots are in use', current_setting('max_replication_slots')), 'drop one that nobody reads, or ' || {Set("max_replication_slots", "20", restart: true)}
            from slots where are_used and not have_ours
            union all
            select 'warn', 'no replication slot is free beside ours', 'drop one that nobody reads, or ' || {Set("max_replication_slots", "20", restart: true)}
            from slots where are_used and have_ours
            union all
            select 'fail', format('max_wal_senders is %s', current_setting('max_wal_senders')), {Set("max_wal_senders", "10", restart: true)}
            where current_setting('max_wal_senders')::int < 2
            union all
            select case when have_ours then 'warn' else 'fail' end, format('all %s senders are in use%s', current_setting('max_wal_senders'), case when have_ours then ', one of them by us' else '' end), 'end one (pg_stat_replication), or ' || {Set("max_wal_senders", "20", restart: true)}
            from senders where are_used and current_setting('max_wal_senders')::int >= 2
            """),
        new("DR04", "the log kept for us is bounded", "Unbounded, a stopped capture fills the source's disk; too small, it loses the slot.", $"""
            select 'warn', 'max_slot_wal_keep_size is -1: a stopped capture can fill the source''s disk', {Set("max_slot_wal_keep_size", "''50GB''")}
            where (select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size') = -1
            union all
            select 'warn', format('max_slot_wal_keep_size is %s: a short pause loses the slot', current_setting('max_slot_wal_keep_size')), {Set("max_slot_wal_keep_size", "''50GB''")}
            where (select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size') between 0 and 1023
            union all
            select 'warn', format('idle_replication_slot_timeout is %s s: a pause loses the slot', setting), {Set("idle_replication_slot_timeout", "0")}
            from pg_settings
            where name = 'idle_replication_slot_timeout' and setting::bigint between 1 and 300
            """),
        new("DR13", "the server's encoding can be read as UTF-8", "SQL_ASCII lets any bytes in; those that are not UTF-8 are outside values.", """
            select 'warn', 'the database is SQL_ASCII: bytes that are not UTF-8 cannot be kept as text', 'move the data into a UTF8 database'
            where current_setting('server_encoding') = 'SQL_ASCII'
            """),
        new("DR15", "large transactions do not spill", "Decoding that spills to disk is slow and costs the source's disk.", $"""
            select 'warn', format('the source spilled %s for our slot, in %s transactions', pg_size_pretty(spill_bytes), spill_txns), {Set("logical_decoding_work_mem", "''256MB''")}
            from pg_stat_replication_slots
            where slot_name = $1 and spill_bytes > 1e9
            union all
            select 'warn', format('logical_decoding_work_mem is %s: transactions above it are written to the source''s disk before they are sent', current_setting('logical_decoding_work_mem')), {Set("logical_decoding_work_mem", "''256MB''")}
            from pg_settings
            where name = 'logical_decoding_work_mem' and setting::bigint < 65536
            """),
        new("DR16", "the slot survives a failover of the source", "Without it a failover needs the tables to be copied again.", $"""
            select 'warn', 'the slot does not follow a failover', 'philotes source repair makes one that does and copies the tables again; or keep it, and copy them after a failover'
            from pg_replication_slots as s
            where slot_name = $1 and current_setting('server_version_num')::int >= 170000 and to_jsonb(s) ->> 'failover' = 'false'
            union all
            select 'info', 'the slot follows a failover, and no standby is waited for: one that is behind it cannot take over without a gap',
                   'on each standby sync_replication_slots = on, hot_standby_feedback = on and dbname in primary_conninfo; here synchronized_standby_slots = the slots of the standbys'
            from pg_replication_slots as s
            where slot_name = $1 and to_jsonb(s) ->> 'failover' = 'true' and coalesce(current_setting('synchronized_standby_slots', true), '') = ''
              and exists (select from pg_stat_replication as r join pg_replication_slots as p on p.active_pid = r.pid where p.slot_type = 'physical')
            """),
        new("DR17", "nothing holds the slot back", "A transaction that stays open keeps the source's log from the moment it began.", """
            select 'warn', format('prepared transaction %s of %s has been open for %s', gid, owner, date_trunc('second', now() - prepared)), format('commit prepared %L; or rollback prepared %L;', gid, gid)
            from pg_prepared_xacts
            where prepared < now() - interval '10 min'
            union all
            select 'warn', format('process %s (%s) has a transaction open for %s', pid, coalesce(nullif(application_name, ''), usename), date_trunc('second', now() - xact_start)), format('select pg_terminate_backend(%s); if it may be ended', pid)
            from pg_stat_activity
            where xact_start < now() - interval '10 min' and backend_type = 'client backend' and pid <> pg_backend_pid()
            """),
    ];

    /// <summary>An SQL expression: how a setting is made, which a service lets nobody do by SQL.</summary>
    /// <param name="value">As it stands within an SQL string.</param>
    private static string Set(string name, string value, bool restart = false) =>
        $"case when {Service} = '' then 'alter system set {name} = {value}; {(restart ? "then restart the server" : "select pg_reload_conf();")}' "
        + $"else 'set {name} = {value} in the parameters of the service{(restart ? "; then restart the server" : "")}' end";
}
