using System.Net;
using Philotes.Iceberg.Storage.S3;

namespace Philotes.Catalog;

/// <summary>Where the catalog listens, keeps its rows and puts its tables.</summary>
public sealed record EmbeddedCatalogOptions
{
    /// <summary>Of the database that holds <c>iceberg_tables</c>; it must exist, its tables are made.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Folder URI above all tables that choose no place of their own, e.g. <c>file:///var/lib/lake</c>.</summary>
    public required string Warehouse { get; init; }

    /// <summary>How to reach a warehouse under <c>s3://</c>.</summary>
    public S3Options Store { get; init; } = new();

    /// <summary>Value of <c>catalog_name</c> in every row; several catalogs may share a database. Default "philotes".</summary>
    public string Name { get; init; } = "philotes";

    /// <summary>There is no authentication, so anything but the loopback default is a decision. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);
}
