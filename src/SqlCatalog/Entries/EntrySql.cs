namespace Philotes.SqlCatalog.Entries;

/// <summary>
/// The statements on <c>iceberg_tables</c>, in the layout (V1) of Iceberg's own JDBC catalog. Parameters everywhere: @catalog,
/// @ns and @name text; @kind is 'TABLE' or 'VIEW', and a stored null counts as 'TABLE'.
/// </summary>
internal static class EntrySql
{
    /// <summary>Makes both tables as Iceberg's JDBC catalog does, and adds the V1 column to an older layout.</summary>
    public const string CreateLayout = """
        create table if not exists iceberg_tables (
            catalog_name varchar(255) not null,
            table_namespace varchar(255) not null,
            table_name varchar(255) not null,
            metadata_location varchar(1000),
            previous_metadata_location varchar(1000),
            iceberg_type varchar(5),
            primary key (catalog_name, table_namespace, table_name)
        );
        alter table iceberg_tables add column if not exists iceberg_type varchar(5);
        create table if not exists iceberg_namespace_properties (
            catalog_name varchar(255) not null,
            namespace varchar(255) not null,
            property_key varchar(255),
            property_value varchar(1000),
            primary key (catalog_name, namespace, property_key)
        );
        """;

    /// <summary>One layout change at a time, whoever starts. Held to the end of the transaction.</summary>
    public const string LockLayout = "select pg_advisory_xact_lock(hashtextextended('philotes.catalog.layout', 0))";

    /// <summary>Zero or one row: kind and metadata location of a name, whatever it is.</summary>
    public const string Find = """
        select coalesce(iceberg_type, 'TABLE') as kind, metadata_location as location
        from iceberg_tables
        where catalog_name = @catalog and table_namespace = @ns and table_name = @name
        """;

    /// <summary>One page of names after @after (empty for the first), in byte order; @rows rows at most.</summary>
    public const string List = """
        select table_name
        from iceberg_tables
        where catalog_name = @catalog and table_namespace = @ns and coalesce(iceberg_type, 'TABLE') = @kind
          and table_name collate "C" > @after
        order by table_name collate "C"
        limit @rows
        """;

    /// <summary>Adds an entry; no row when the name is taken.</summary>
    public const string Insert = """
        insert into iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type)
        values (@catalog, @ns, @name, @location, null, @kind)
        on conflict do nothing
        """;

    /// <summary>The commit: compare and swap of the metadata location. One row when it was ours to move, none otherwise.</summary>
    public const string Swap = """
        update iceberg_tables
        set metadata_location = @location, previous_metadata_location = @expected
        where catalog_name = @catalog and table_namespace = @ns and table_name = @name
          and metadata_location = @expected and coalesce(iceberg_type, 'TABLE') = @kind
        """;

    /// <summary>Renames; a taken name is a unique violation.</summary>
    public const string Rename = """
        update iceberg_tables
        set table_namespace = @toNs, table_name = @toName
        where catalog_name = @catalog and table_namespace = @ns and table_name = @name and coalesce(iceberg_type, 'TABLE') = @kind
        """;

    /// <summary>Drops; returns the metadata location that was current.</summary>
    public const string Delete = """
        delete from iceberg_tables
        where catalog_name = @catalog and table_namespace = @ns and table_name = @name and coalesce(iceberg_type, 'TABLE') = @kind
        returning metadata_location
        """;
}
