using Npgsql;
using Philotes.Buffer;

namespace Philotes.Capture;

/// <summary>What the source must be for its changes to be captured, and what would surprise later. Each reads catalogs only.</summary>
public static class SourceChecks
{
    private static IReadOnlyList<SqlCheck> All { get; } =
    [
        new("DR01", "wal_level is logical", "Without it nothing can be decoded.", """
            select 'fail', 'wal_level is ' || current_setting('wal_level'), 'alter system set wal_level = logical; then restart the server (on RDS: rds.logical_replication = 1)'
            where current_setting('wal_level') <> 'logical'
            """),
        new("DR02", "the role may replicate and does not expire", "A role that expires stops capture on that day.", """
            select 'fail', format('role %s may not replicate', rolname), format('alter role %I replication;', rolname)
            from pg_roles as r
            where rolname = current_user and not rolreplication and not rolsuper
              and not exists (select from pg_roles as m where m.rolname in ('rds_replication', 'cloudsqlreplica') and pg_has_role(r.oid, m.oid, 'member'))
            union all
            select 'warn', format('role %s expires at %s', rolname, rolvaliduntil), format('alter role %I valid until ''infinity'';', rolname)
            from pg_roles
            where rolname = current_user and rolvaliduntil is not null and isfinite(rolvaliduntil)
            """),
        new("DR03", "free replication slots and senders", "Capture needs one slot and one sender; the initial copy and verify need one more slot for a moment.", """
            select 'fail', format('all %s replication slots are in use', current_setting('max_replication_slots')), 'drop one that nobody reads, or raise max_replication_slots and restart the server'
            where (select count(*) from pg_replication_slots) >= current_setting('max_replication_slots')::int and not exists (select from pg_replication_slots where slot_name = $1)
            union all
            select 'warn', 'no replication slot is free beside ours', 'raise max_replication_slots and restart the server'
            where (select count(*) from pg_replication_slots) >= current_setting('max_replication_slots')::int and exists (select from pg_replication_slots where slot_name = $1)
            union all
            select 'fail', format('max_wal_senders is %s', current_setting('max_wal_senders')), 'alter system set max_wal_senders = 10; then restart the server'
            where current_setting('max_wal_senders')::int < 2
            """),
        new("DR04", "the log kept for us is bounded", "Unbounded, a stopped capture fills the source's disk; too small, it loses the slot.", """
            select 'warn', 'max_slot_wal_keep_size is -1: a stopped capture can fill the source''s disk', 'alter system set max_slot_wal_keep_size = ''50GB''; select pg_reload_conf();'
            where (select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size') = -1
            union all
            select 'warn', format('max_slot_wal_keep_size is %s: a short pause loses the slot', current_setting('max_slot_wal_keep_size')), 'alter system set max_slot_wal_keep_size = ''50GB''; select pg_reload_conf();'
            where (select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size') between 0 and 1023
            union all
            select 'warn', format('idle_replication_slot_timeout is %s s: a pause loses the slot', setting), 'alter system set idle_replication_slot_timeout = 0; select pg_reload_conf();'
            from pg_settings
            where name = 'idle_replication_slot_timeout' and setting::bigint between 1 and 300
            """),
        new("DR08", "every wanted table is published", "A table outside of the publication sends nothing.", """
            select 'fail', format('publication %s does not exist', $2::text), 'start philotes-capture, which creates it, or create it yourself before the slot'
            where not exists (select from pg_publication where pubname in ($2, $2 || '_append_only'))
            union all
            select 'fail', format('table %s.%s is not in publication %s', n.nspname, c.relname, $2::text), format('alter publication %I add table %I.%I;', $2, n.nspname, c.relname)
            from pg_class as c
            join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[]) and c.relkind = 'r' and not c.relispartition
              and exists (select from pg_publication where pubname in ($2, $2 || '_append_only'))
              and not exists (select from pg_publication_tables as p where p.pubname in ($2, $2 || '_append_only') and p.schemaname = n.nspname and p.tablename = c.relname)
            """),
        new("DR09", "every table can say which row an update means", "Publishing a table without one makes the application's UPDATE and DELETE fail.", """
            select 'fail', format('table %s.%s has no replica identity and is published for update or delete', n.nspname, c.relname),
                   format('alter table %I.%I add primary key (…); or alter table %I.%I replica identity full;', n.nspname, c.relname, n.nspname, c.relname)
            from pg_class as c
            join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[])
              and (c.relreplident = 'n' or (c.relreplident = 'd' and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)))
              and exists (select from pg_publication_tables as t join pg_publication as p using (pubname)
                          where t.pubname in ($2, $2 || '_append_only') and t.schemaname = n.nspname and t.tablename = c.relname and (p.pubupdate or p.pubdelete))
            """),
        new("DR10", "values that do not change are still known", "An update that leaves a large value alone does not send it: the changelog lists it under _cdc_unchanged.", """
            select 'info', format('table %s.%s has columns stored out of line: %s', n.nspname, c.relname, string_agg(a.attname, ', ' order by a.attnum)),
                   format('alter table %I.%I replica identity full; if each change must carry the whole row', n.nspname, c.relname)
            from pg_class as c
            join pg_namespace as n on n.oid = c.relnamespace
            join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attstorage in ('x', 'e') and a.attlen = -1 and c.reltoastrelid <> 0
            where c.oid = any ($3::bigint[]::oid[]) and c.relreplident <> 'f'
              and a.atttypid not in ('numeric'::regtype)
            group by n.nspname, c.relname
            """),
        new("DR11", "nothing about the tables hides rows or columns", "Generated columns, unlogged tables and row security change what a reader sees.", """
            select 'warn', format('table %s.%s has generated columns, which are not sent: %s', n.nspname, c.relname, string_agg(a.attname, ', ')), null::text
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid and a.attgenerated <> ''
            where c.oid = any ($3::bigint[]::oid[])
            group by n.nspname, c.relname
            union all
            select 'warn', format('table %s.%s is published as a whole: a TRUNCATE of one of its partitions sends nothing, nor do the rows of a partition that is attached, detached or dropped', n.nspname, c.relname),
                   format('truncate %I.%I itself, and after such a change: philotes tables resync %s.%s', n.nspname, c.relname, n.nspname, c.relname)
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[]) and c.relkind = 'p'
              and exists (select from pg_publication_tables as t join pg_publication as p using (pubname)
                          where t.pubname in ($2, $2 || '_append_only') and t.schemaname = n.nspname and t.tablename = c.relname and p.pubviaroot)
            union all
            select 'warn', format('table %s.%s is unlogged and sends nothing', n.nspname, c.relname), format('alter table %I.%I set logged;', n.nspname, c.relname)
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[]) and c.relpersistence = 'u'
            union all
            select 'warn', format('table %s.%s has row security: the initial copy and verify see only the rows of the role''s policies', n.nspname, c.relname), format('alter role %I bypassrls;', current_user)
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[]) and c.relrowsecurity and not (select rolbypassrls or rolsuper from pg_roles where rolname = current_user)
            """),
        new("DR12", "no two names are the same without case", "Some catalogs fold case: the second table would be refused with PH220.", """
            select 'warn', format('tables %s differ in case only', string_agg(format('%s.%s', n.nspname, c.relname), ', ')), 'give one of them another name with lake.table, or rename it'
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[])
            group by lower(n.nspname), lower(c.relname)
            having count(*) > 1
            union all
            select 'warn', format('columns %s of %s.%s differ in case only', string_agg(a.attname, ', '), n.nspname, c.relname), 'rename one of them'
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.oid = any ($3::bigint[]::oid[])
            group by n.nspname, c.relname, lower(a.attname)
            having count(*) > 1
            """),
        new("DR13", "the server's encoding can be read as UTF-8", "SQL_ASCII lets any bytes in; those that are not UTF-8 are outside values.", """
            select 'warn', 'the database is SQL_ASCII: bytes that are not UTF-8 cannot be kept as text', 'move the data into a UTF8 database'
            where current_setting('server_encoding') = 'SQL_ASCII'
            """),
        new("DR14", "the buffer is not captured", "A buffer that captures itself never ends.", """
            select 'fail', format('publication %s publishes the buffer''s own table %s.%s', pubname, schemaname, tablename), format('alter publication %I drop table %I.%I;', pubname, schemaname, tablename)
            from pg_publication_tables
            where pubname in ($2, $2 || '_append_only') and schemaname = 'philotes'
            """),
        new("DR15", "large transactions do not spill", "Decoding that spills to disk is slow and costs the source's disk.", """
            select 'warn', format('the source spilled %s for our slot, in %s transactions', pg_size_pretty(spill_bytes), spill_txns), 'alter system set logical_decoding_work_mem = ''256MB''; select pg_reload_conf();'
            from pg_stat_replication_slots
            where slot_name = $1 and spill_bytes > 1e9
            """),
        new("DR16", "the slot survives a failover of the source", "Without it a failover needs the tables to be copied again.", """
            select 'info', 'the slot does not follow a failover', 'create the slot with failover => true and set sync_replication_slots on the standby'
            from pg_replication_slots as s
            where slot_name = $1 and current_setting('server_version_num')::int >= 170000 and coalesce((to_jsonb(s) ->> 'failover')::boolean, false) is false
            """),
        new("DR17", "nothing holds the slot back", "A transaction that stays open keeps the source's log from the moment it began.", """
            select 'warn', format('prepared transaction %s of %s has been open for %s', gid, owner, date_trunc('second', now() - prepared)), format('commit prepared %L; or rollback prepared %L;', gid, gid)
            from pg_prepared_xacts
            where prepared < now() - interval '10 min'
            union all
            select 'warn', format('process %s (%s) has a transaction open for %s', pid, coalesce(nullif(application_name, ''), usename), date_trunc('second', now() - xact_start)), format('select pg_terminate_backend(%s); if it may be ended', pid)
            from pg_stat_activity
            where xact_start < now() - interval '10 min' and backend_type = 'client backend'
            """),
        new("DR18", "the role may read every table", "The initial copy and verify read the tables.", """
            select 'fail', format('role %s may not read %s.%s', current_user, n.nspname, c.relname), format('grant usage on schema %I to %I; grant select on %I.%I to %I;', n.nspname, current_user, n.nspname, c.relname, current_user)
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[]) and not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'))
            """),
    ];

    /// <summary>Ordinary and partitioned tables that a person made. Returns oid (bigint), schema, table.</summary>
    private const string Tables = """
        select c.oid::bigint, n.nspname::text, c.relname::text
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'philotes') and n.nspname not like 'pg\_%'
        """;

    /// <param name="wanted">Whether the configuration wants a table, by schema and name.</param>
    public static async Task<IReadOnlyList<Finding>> RunAsync(
        NpgsqlDataSource source, string slot, string publication, Func<string, string, bool> wanted, CancellationToken cancellationToken) =>
        await SqlChecks.RunAsync(source, "source", All, slot, publication, await WantedAsync(source, wanted, cancellationToken), cancellationToken);

    private static async Task<long[]> WantedAsync(NpgsqlDataSource source, Func<string, string, bool> wanted, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Tables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<long> tables = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (wanted(reader.GetString(1), reader.GetString(2)))
                tables.Add(reader.GetInt64(0));
        }

        return [.. tables];
    }
}
