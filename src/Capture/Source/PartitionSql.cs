namespace Philotes.Capture.Source;

/// <summary>Questions about partitions to the source's catalog. Every name is qualified: the search path is empty.</summary>
internal static class PartitionSql
{
    /// <summary>
    /// The leaves of partitioned tables. Parameter: OIDs of roots. One row each: root, leaf, its schema and name, whether it or a partition above it was
    /// attached, whether it has any block. A partition that is made as one is linked by the transaction that made it, which its system columns remember.
    /// </summary>
    public const string Leaves = """
        with recursive part(root, oid, attached) as (
            select r.oid, r.oid, false from unnest($1::oid[]) as r(oid)
            union all
            select p.root, i.inhrelid, p.attached or i.xmin <> made.xmin
            from part p
            join pg_catalog.pg_inherits i on i.inhparent = p.oid
            join pg_catalog.pg_attribute made on made.attrelid = i.inhrelid and made.attname = 'tableoid'
        )
        select p.root, p.oid, n.nspname::text, c.relname::text, p.attached, coalesce(pg_catalog.pg_relation_size(c.oid), 0) > 0
        from part p
        join pg_catalog.pg_class c on c.oid = p.oid and c.relispartition and c.relkind <> 'p'
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        order by p.root, p.oid
        """;

    /// <summary>Those of the relations in the parameter that are partitioned and no partitions themselves.</summary>
    public const string Roots = """
        select oid from pg_catalog.pg_class where oid = any($1::oid[]) and relkind = 'p' and not relispartition
        """;
}
