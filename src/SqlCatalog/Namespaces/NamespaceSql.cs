namespace Philotes.SqlCatalog.Namespaces;

/// <summary>
/// The statements on <c>iceberg_namespace_properties</c>. Parameters everywhere: @catalog and @ns text. As in Iceberg's JDBC
/// catalog a namespace exists when it, or a namespace below it, has a property or a table; an own one has the property
/// <c>exists</c>, which no client sees.
/// </summary>
internal static class NamespaceSql
{
    /// <summary>Held shared by whoever puts something into a namespace tree, to the end of the transaction. @root: the first level.</summary>
    public const string LockShared = "select pg_advisory_xact_lock_shared(hashtextextended(@catalog || '/' || @root, 0))";

    /// <summary>Held by whoever drops a namespace of the tree.</summary>
    public const string LockExclusive = "select pg_advisory_xact_lock(hashtextextended(@catalog || '/' || @root, 0))";

    /// <summary>One row, true when the namespace exists.</summary>
    public const string Exists = """
        select exists (
            select from iceberg_namespace_properties
            where catalog_name = @catalog and (namespace = @ns or starts_with(namespace, @ns || '.'))
        ) or exists (
            select from iceberg_tables
            where catalog_name = @catalog and (table_namespace = @ns or starts_with(table_namespace, @ns || '.'))
        )
        """;

    /// <summary>One row, true when something is inside: tables, views or namespaces below.</summary>
    public const string HasContent = """
        select exists (
            select from iceberg_tables
            where catalog_name = @catalog and (table_namespace = @ns or starts_with(table_namespace, @ns || '.'))
        ) or exists (
            select from iceberg_namespace_properties
            where catalog_name = @catalog and starts_with(namespace, @ns || '.')
        )
        """;

    /// <summary>
    /// One page of the direct children's last levels after @after, in byte order. @prefix is empty for the top, else the parent and a dot.
    /// </summary>
    public const string Children = """
        select child
        from (
            select distinct split_part(substr(full_name, length(@prefix) + 1), '.', 1) collate "C" as child
            from (
                select namespace as full_name from iceberg_namespace_properties where catalog_name = @catalog
                union all
                select table_namespace from iceberg_tables where catalog_name = @catalog
            ) as every
            where starts_with(full_name, @prefix)
        ) as children
        where child > @after
        order by child
        limit @rows
        """;

    /// <summary>Key and value of every property, the hidden one too.</summary>
    public const string Properties = """
        select property_key as key, property_value as value
        from iceberg_namespace_properties
        where catalog_name = @catalog and namespace = @ns
        """;

    /// <summary>Sets properties. @keys and @values: text arrays of one length.</summary>
    public const string SetProperties = """
        insert into iceberg_namespace_properties (catalog_name, namespace, property_key, property_value)
        select @catalog, @ns, key, value
        from unnest(@keys, @values) as given (key, value)
        on conflict (catalog_name, namespace, property_key) do update set property_value = excluded.property_value
        """;

    /// <summary>Removes properties; returns the keys that were there. @keys: text array.</summary>
    public const string RemoveProperties = """
        delete from iceberg_namespace_properties
        where catalog_name = @catalog and namespace = @ns and property_key = any (@keys)
        returning property_key
        """;

    /// <summary>Removes the namespace's every property.</summary>
    public const string Delete = "delete from iceberg_namespace_properties where catalog_name = @catalog and namespace = @ns";
}
