namespace Philotes.Capture.Source;

/// <summary>Publications and the tables that could be in them.</summary>
internal static class PublicationSql
{
    /// <summary>Of the names in parameter 1, those that are publications, and whether they are for all tables. Zero to two rows.</summary>
    public const string Existing = "select pubname::text, puballtables from pg_catalog.pg_publication where pubname = any($1)";

    /// <summary>
    /// Every permanent table that is nobody's partition, outside the system's schemas and the buffer's, with its place in the publications
    /// named by parameters 1 and 2. A table has an identity if it is FULL, or has a valid immediate index of the kind that it names; a
    /// partitioned table, if all its leaves have.
    /// </summary>
    public const string Tables = """
        with identity as (
            select c.oid,
                   c.relreplident = 'f' or (c.relreplident in ('d', 'i') and exists (
                       select from pg_catalog.pg_index i
                       where i.indrelid = c.oid and i.indisvalid and i.indimmediate
                         and case c.relreplident when 'd' then i.indisprimary else i.indisreplident end)) as usable
            from pg_catalog.pg_class c
            where c.relkind in ('r', 'p')
        )
        select c.oid, n.nspname::text, c.relname::text,
               case when c.relkind = 'p'
                    then not exists (select from pg_catalog.pg_partition_tree(c.oid) p join identity i on i.oid = p.relid where p.isleaf and not i.usable)
                         and (select usable from identity where oid = c.oid)
                    else (select usable from identity where oid = c.oid) end,
               exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid where r.prrelid = c.oid and p.pubname = $1),
               exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid where r.prrelid = c.oid and p.pubname = $2)
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition and c.oid >= 16384
          and n.nspname not in ('pg_catalog', 'information_schema', 'philotes') and n.nspname not like 'pg\_toast%' and n.nspname not like 'pg\_temp%'
        order by n.nspname, c.relname
        """;

    /// <summary>
    /// Tables that the publication in parameter 1 publishes now, and whether the application's updates or deletes of them fail for want of an
    /// identity, as in <see cref="Tables"/> for plain tables.
    /// </summary>
    public const string Published = """
        select c.oid, n.nspname::text, c.relname::text,
               (p.pubupdate or p.pubdelete) and c.relkind = 'r' and c.relreplident <> 'f'
               and not (c.relreplident in ('d', 'i') and exists (
                   select from pg_catalog.pg_index i
                   where i.indrelid = c.oid and i.indisvalid and i.indimmediate
                     and case c.relreplident when 'd' then i.indisprimary else i.indisreplident end))
        from pg_catalog.pg_publication p
        cross join lateral pg_catalog.pg_get_publication_tables(p.pubname::text) g
        join pg_catalog.pg_class c on c.oid = g.relid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where p.pubname = $1
        """;
}
