using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Shared;

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
    public static async Task<WarehouseConnection> OpenAsync(LakeOptions lake, TimeProvider clock, CancellationToken cancellationToken)
    {
        var catalog = lake.Catalog ?? throw new PhilotesException("PH305", "lake.catalog is not set. Name the Iceberg catalog there.");
        var stores = new ObjectStores(StoreSettings.S3(lake.Store));
        try
        {
            return new WarehouseConnection(await RestCatalog.ConnectAsync(CatalogSettings.Rest(lake, catalog, clock), cancellationToken), stores);
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
}
