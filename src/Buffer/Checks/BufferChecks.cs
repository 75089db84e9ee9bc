using Npgsql;

namespace Philotes.Buffer;

/// <summary>What the buffer must be for what it took to be durable, and what would make it stop.</summary>
public static class BufferChecks
{
    private static IReadOnlyList<SqlCheck> All { get; } =
    [
        new("DR20", "the buffer is Postgres 14 or newer and its roles exist", "Roles keep capture from deleting and writers from inventing.", """
            select 'fail', 'the buffer is Postgres ' || current_setting('server_version'), 'use Postgres 14 or newer'
            where current_setting('server_version_num')::int < 140000
            union all
            select 'warn', format('role %s does not exist', r), format('create role %I nologin; select philotes.grant_all();', r)
            from unnest(array['philotes_capture', 'philotes_writer', 'philotes_reader', 'philotes_operator']) as r
            where not exists (select from pg_roles where rolname = r)
            union all
            select 'fail', format('role %s may not use the schema philotes', rolname), 'select philotes.grant_all(); as the role that owns the schema'
            from pg_roles
            where rolname in ('philotes_capture', 'philotes_writer', 'philotes_reader', 'philotes_operator') and not has_schema_privilege(oid, (select oid from pg_namespace where nspname = 'philotes'), 'usage')
            """),
        new("DR21", "what is committed in the buffer is on disk", "The slot is acknowledged once the buffer has committed: a buffer that loses commits loses changes.", """
            select 'fail', format('%s is %s', name, setting), format('alter system set %s = on; then reload or restart the buffer', name)
            from pg_settings
            where name in ('fsync', 'full_page_writes') and setting <> 'on'
            union all
            select 'fail', format('synchronous_commit is %s', current_setting('synchronous_commit')), 'alter system set synchronous_commit = on; select pg_reload_conf();'
            where current_setting('synchronous_commit') = 'off'
            union all
            select 'info', 'data checksums are off', 'pg_checksums --enable on the stopped buffer'
            where current_setting('data_checksums') <> 'on'
            """),
        new("DR22", "the buffer has room to work", "Small max_wal_size means a checkpoint every few seconds under load.", """
            select 'warn', format('max_wal_size is %s', current_setting('max_wal_size')), 'alter system set max_wal_size = ''8GB''; select pg_reload_conf();'
            where (select setting::bigint from pg_settings where name = 'max_wal_size') < 2048
            """),
        new("DR23", "nothing keeps retention from its work", "A reader that stays on the buffer keeps generations from being dropped.", """
            select 'warn', format('the detach of %s waits for a reader', inhrelid::regclass), 'philotes retention run --yes, once the reader has ended'
            from pg_inherits
            where to_jsonb(pg_inherits) ->> 'inhdetachpending' = 'true'
            union all
            select 'warn', format('process %s (%s) has a transaction open for %s', pid, coalesce(nullif(application_name, ''), usename), date_trunc('second', now() - xact_start)), format('select pg_terminate_backend(%s); if it may be ended', pid)
            from pg_stat_activity
            where datname = current_database() and xact_start < now() - interval '10 min' and backend_type = 'client backend' and pid <> pg_backend_pid()
            union all
            select 'warn', format('generation %s has been open for %s: nobody runs retention, so nothing is ever dropped', g.gen, date_trunc('second', now() - g.created_at)),
                   format('run one philotes-batch-writer as %s, which owns the schema, or philotes retention run --yes on a schedule', (select nspowner::regrole from pg_namespace where nspname = 'philotes'))
            from philotes.generation as g
            where g.gen = (select max(gen) from philotes.generation where not for_copies) and g.created_at < now() - interval '3 h'
              and exists (select from philotes.chunk as c where c.gen = g.gen)
            """),
        new("DR25", "no table waits for a person", "A blocked table's changes stay in the buffer and fill it.", """
            select 'warn', format('table %s.%s is blocked: %s', t.schema_name, t.table_name, k.state_reason), format('philotes explain %s; then philotes tables resume %s.%s --yes', coalesce(k.state_reason, 'PH900'), t.schema_name, t.table_name)
            from philotes.table_cursor as k
            join philotes.source_table as t using (table_id)
            where k.state = 'blocked'
            union all
            select 'warn', format('%s dead letters are open', count(*)), 'philotes dlq list'
            from philotes.dead_letter
            where resolution is null
            having count(*) > 0
            """),
    ];

    /// <summary>All of them: those that the server answers alone, and those that need the configuration.</summary>
    public static async Task<IReadOnlyList<Finding>> RunAsync(NpgsqlDataSource buffer, string slot, string publication, BufferLimits limits, CancellationToken cancellationToken) =>
    [
        .. await SqlChecks.RunAsync(buffer, "buffer", All, slot, publication, [], cancellationToken),
        .. await BufferLimitChecks.RunAsync(buffer, limits, cancellationToken),
    ];
}
