using Microsoft.Extensions.Logging;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Shared;
using Philotes.SqlCatalog;

namespace Philotes.Warehouse;

/// <summary>The configured lake, opened: its catalog, and the stores of its tables' files.</summary>
public sealed class WarehouseConnection : IDisposable
{
    private readonly ObjectStores _stores;

    private WarehouseConnection(RestCatalog catalog, ObjectStores stores) => (Catalog, _stores, Stores) = (catalog, stores, new TableStores(catalog, stores));

    public RestCatalog Catalog { get; }

    /// <summary>By table, because a catalog may grant access to each one's files on its own.</summary>
    public TableStores Stores { get; }

    /// <exception cref="PhilotesException">PH305: no catalog is configured.</exception>
    public static async Task<WarehouseConnection> OpenAsync(LakeOptions lake, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var catalog = lake.Catalog ?? throw new PhilotesException("PH305", "lake.catalog is not set. Name the Iceberg catalog there.");
        var stores = new ObjectStores(StoreSettings.S3(lake.Store));
        try
        {
            var options = catalog.Type is CatalogType.Sql
                ? await SqlAsync(catalog, stores, clock, logger, cancellationToken)
                : CatalogSettings.Rest(lake, catalog, clock);
            return new WarehouseConnection(await RestCatalog.ConnectAsync(options, cancellationToken), stores);
        }
        catch
        {
            stores.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Stores.Dispose();
        Catalog.Dispose();
        _stores.Dispose();
    }

    /// <summary>The same client and the same protocol, answered inside this process by the tables of a SQL catalog.</summary>
    private static async Task<RestCatalogOptions> SqlAsync(
        LakeCatalogOptions catalog, ObjectStores stores, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var options = new SqlCatalogOptions { ConnectionString = catalog.Connection!.ToConnectionString("philotes-sql-catalog"), Warehouse = catalog.Warehouse!, Name = catalog.Name };
        var database = await CatalogDatabase.OpenAsync(options, stores, logger, clock, cancellationToken);
        return new RestCatalogOptions { Uri = InProcessHandler.Address, Handler = new InProcessHandler(database, clock), Clock = clock, Timeout = catalog.Timeout };
    }
}
