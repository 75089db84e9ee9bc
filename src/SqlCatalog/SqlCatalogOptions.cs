namespace Philotes.SqlCatalog;

/// <summary>Where the catalog keeps its rows and puts its tables.</summary>
public sealed record SqlCatalogOptions
{
    /// <summary>Of the database that holds <c>iceberg_tables</c>; it must exist, its tables are made.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Folder URI above all tables that choose no place of their own, e.g. <c>file:///var/lib/lake</c> or <c>s3://bucket/lake</c>.</summary>
    public required string Warehouse { get; init; }

    /// <summary>Value of <c>catalog_name</c> in every row; several catalogs may share a database. Default "philotes".</summary>
    public string Name { get; init; } = "philotes";

    // A record prints its members; the connection string may hold a password.
    public override string ToString() => $"SQL catalog {Name} with warehouse {Warehouse}";
}
