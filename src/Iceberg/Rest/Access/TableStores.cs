using System.Collections.Concurrent;
using Philotes.Iceberg.Storage;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// The stores of a catalog's tables, with the access that the catalog grants for each: keys for prefixes, or remote signing; where it grants nothing, or is
/// not to be asked, the configured store with the configured credentials. Safe for concurrent use.
/// </summary>
public sealed class TableStores(RestCatalog catalog, ObjectStores configured) : IDisposable
{
    readonly ConcurrentDictionary<Guid, GrantedStore> _granted = new();

    /// <summary>The store of this table's files. What the table was loaded with is used at once, and renewed when it ends.</summary>
    public IObjectStore For(LoadedTable table)
    {
        if (!ObjectStores.IsS3(table.Metadata.Location) || !catalog.AsksForAccess)
        {
            return configured.For(table.Metadata.Location);
        }

        var grants = StorageGrant.Of(table);
        if (grants[0].Keys is null && !grants[0].OffersSigning)
        {
            return configured.For(table.Metadata.Location);
        }

        var store = _granted.GetOrAdd(table.Metadata.TableUuid, _ => new GrantedStore(catalog, configured, table.Identifier));
        store.Offer(grants);
        return store;
    }

    public void Dispose()
    {
        foreach (var store in _granted.Values)
        {
            store.Dispose();
        }
    }
}
