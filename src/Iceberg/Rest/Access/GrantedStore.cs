using System.Collections.Concurrent;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Storage.S3;

namespace Philotes.Iceberg.Rest;

/// <summary>One table's files under the access that its catalog grants: the longest prefix that fits a file decides. Grants are fetched again before they end and when the store refuses them.</summary>
internal sealed class GrantedStore(RestCatalog catalog, ObjectStores configured, TableIdentifier table) : IObjectStore, IDisposable
{
    readonly ConcurrentDictionary<string, PrefixStore> _byPrefix = new(StringComparer.Ordinal);

    /// <summary>Takes what a load of the table brought.</summary>
    public void Offer(IReadOnlyList<StorageGrant> grants)
    {
        foreach (var grant in grants)
        {
            var store = _byPrefix.GetOrAdd(grant.Prefix, _ => Open(grant));
            if (grant.Keys is { } keys)
            {
                store.Keys?.Offer(keys, grant.Ends);
            }
        }
    }

    public Task PutNewAsync(string uri, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => For(uri).PutNewAsync(uri, bytes, cancellationToken);

    public Task PutNewFileAsync(string uri, string localPath, CancellationToken cancellationToken) => For(uri).PutNewFileAsync(uri, localPath, cancellationToken);

    public Task<byte[]> ReadAsync(string uri, CancellationToken cancellationToken) => For(uri).ReadAsync(uri, cancellationToken);

    public Task<Stream> OpenReadAsync(string uri, CancellationToken cancellationToken) => For(uri).OpenReadAsync(uri, cancellationToken);

    public Task<long?> HeadAsync(string uri, CancellationToken cancellationToken) => For(uri).HeadAsync(uri, cancellationToken);

    public Task<DateTimeOffset?> WrittenAtAsync(string uri, CancellationToken cancellationToken) => For(uri).WrittenAtAsync(uri, cancellationToken);

    public Task<bool> DeleteAsync(string uri, CancellationToken cancellationToken) => For(uri).DeleteAsync(uri, cancellationToken);

    public Task<int> EndUploadsAsync(string folder, DateTimeOffset begunBefore, CancellationToken cancellationToken) => For(folder).EndUploadsAsync(folder, begunBefore, cancellationToken);

    public void Dispose()
    {
        foreach (var store in _byPrefix.Values)
        {
            store.Store.Dispose();
            store.Keys?.Dispose();
        }
    }

    IObjectStore For(string uri) =>
        _byPrefix.Where(entry => uri.StartsWith(entry.Key, StringComparison.Ordinal)).MaxBy(entry => entry.Key.Length).Value?.Store ?? configured.For(uri);

    PrefixStore Open(StorageGrant grant)
    {
        var hosts = catalog.HostsWith(configured.S3.Endpoint);
        var options = configured.S3 with
        {
            Region = grant.Region ?? configured.S3.Region,
            Endpoint = grant.Endpoint is { } endpoint ? hosts.Granted(endpoint, "the store") : configured.S3.Endpoint,
            PathStyle = grant.PathStyle ?? configured.S3.PathStyle,
            Keys = null,
            Profile = null,
            RoleArn = null,
        };
        if (grant.Keys is null)
        {
            return new PrefixStore(configured.OpenSignedBy(catalog.SignerOf(table, grant, hosts), options), Keys: null);
        }

        var keys = new ExpiringKeys(token => FetchAsync(grant.Prefix, token), catalog.Clock);
        return new PrefixStore(configured.OpenWith(keys, options), keys);
    }

    async Task<(S3Keys Keys, DateTimeOffset? Ends)> FetchAsync(string prefix, CancellationToken cancellationToken)
    {
        var grants = await catalog.LoadGrantsAsync(table, cancellationToken);
        var grant = grants.FirstOrDefault(candidate => candidate.Prefix == prefix) ?? grants[0];
        return grant.Keys is { } keys
            ? (keys, grant.Ends)
            : throw new CatalogConfigurationException($"The catalog at {catalog.Config.BaseUri} handed out keys for table {table} before and does not any more. Check its credential vending, or set lake.catalog.access_delegation to none and give keys in lake.store.");
    }

    sealed record PrefixStore(S3ObjectStore Store, ExpiringKeys? Keys);
}
