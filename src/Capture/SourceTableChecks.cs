using Philotes.Buffer;

namespace Philotes.Capture;

/// <summary>What the tables and their publication must be. Parameters as <see cref="SqlCheck"/> has them.</summary>
internal static class SourceTableChecks
{
    public static IReadOnlyList<SqlCheck> All { get; } =
    [
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
            union all
            select 'info', format('table %s.%s is published in part:%s%s', p.schemaname, p.tablename,
                       coalesce(' only rows where ' || (to_jsonb(p) ->> 'rowfilter'), ''),
                       case when r.prattrs is not null then ' only columns ' || (select string_agg(v, ', ') from jsonb_array_elements_text(to_jsonb(p) -> 'attnames') as v) else '' end),
                   'what it leaves out is in no lake; alter the publication if that is not meant'
            from pg_publication_tables as p
            join pg_publication as b on b.pubname = p.pubname
            join pg_class as c on c.relname = p.tablename and c.relnamespace = (select oid from pg_namespace where nspname = p.schemaname)
            left join (select prpubid, prrelid, to_jsonb(pr) ->> 'prattrs' as prattrs from pg_publication_rel as pr) as r on r.prpubid = b.oid and r.prrelid = c.oid
            where p.pubname in ($2, $2 || '_append_only') and c.oid = any ($3::bigint[]::oid[]) and (to_jsonb(p) ->> 'rowfilter' is not null or r.prattrs is not null)
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
            union all
            select 'warn', format('table %s.%s is a foreign table: its rows are in another database, and none of its changes is sent', n.nspname, c.relname),
                   format('capture it where it is, and here: tables: [{ match: …, exclude: [%s.%s] }]', n.nspname, c.relname)
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[]) and c.relkind = 'f'
            """),
        new("DR12", "names mean the same everywhere", "Some catalogs fold case: the second table would be refused with PH220. Some readers refuse control characters.", """
            select 'warn', format('tables %s differ in case only', string_agg(format('%s.%s', n.nspname, c.relname), ', ' order by c.oid)), 'give one of them another name with lake.table, or rename it'
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[])
            group by lower(n.nspname), lower(c.relname)
            having count(*) > 1
            union all
            select 'warn', format('columns %s of %s.%s differ in case only', string_agg(a.attname, ', ' order by a.attnum), n.nspname, c.relname), 'rename one of them'
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.oid = any ($3::bigint[]::oid[])
            group by n.nspname, c.relname, lower(a.attname)
            having count(*) > 1
            union all
            select 'warn', format('the name of %s in %s.%s has control characters, which some readers of the lake refuse', coalesce('column ' || to_json(a.attname::text), 'the table'), to_json(n.nspname::text), to_json(c.relname::text)), 'rename it'
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attname::text ~ '[[:cntrl:]]'
            where c.oid = any ($3::bigint[]::oid[]) and (a.attname is not null or c.relname::text ~ '[[:cntrl:]]' or n.nspname::text ~ '[[:cntrl:]]')
            """),
        new("DR14", "the buffer is not captured", "A buffer that captures itself never ends.", """
            select 'fail', format('publication %s publishes the buffer''s own table %s.%s', pubname, schemaname, tablename), format('alter publication %I drop table %I.%I;', pubname, schemaname, tablename)
            from pg_publication_tables
            where pubname in ($2, $2 || '_append_only') and schemaname = 'philotes'
            """),
        new("DR18", "the role may read every table", "The initial copy and verify read the tables.", """
            select 'fail', format('role %s may not read %s.%s', current_user, n.nspname, c.relname), format('grant usage on schema %I to %I; grant select on %I.%I to %I;', n.nspname, current_user, n.nspname, c.relname, current_user)
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any ($3::bigint[]::oid[]) and c.relkind <> 'f' and not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'))
            """),
    ];
}
