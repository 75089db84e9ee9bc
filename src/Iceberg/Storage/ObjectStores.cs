using Philotes.Iceberg.Storage.S3;

namespace Philotes.Iceberg.Storage;

/// <summary>Finds the store of a URI by its scheme. One S3 connection, with the credentials of the options, serves all; disposing ends it.</summary>
public sealed class ObjectStores(S3Options? s3 = null) : IDisposable
{
    private readonly LocalObjectStore _local = new();
    private readonly Lazy<S3HttpClients> _http = new(() => new S3HttpClients(s3 ?? new S3Options()));
    private readonly Lock _opening = new();
    private S3ObjectStore? _s3;

    /// <summary>The options of S3 as configured; what a catalog says of a table's files may go over them.</summary>
    public S3Options S3 { get; } = s3 ?? new S3Options();

    public IObjectStore For(string uri) => SchemeOf(uri) switch
    {
        "file" => _local,
        var scheme when S3Name.IsScheme(scheme) => Configured(),
        var scheme => throw new ObjectStoreException(
            ObjectStoreFailure.InvalidName, uri, $"There is no object store for '{uri}': the scheme '{scheme}' is not known; 'file' and 's3' are."),
    };

    public static bool IsS3(string uri) => S3Name.IsScheme(SchemeOf(uri));

    public void Dispose()
    {
        _s3?.Dispose();
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }

    /// <summary>A store with keys that are handed out for a while; the caller disposes it.</summary>
    internal S3ObjectStore OpenWith(ExpiringKeys keys, S3Options options) => S3ObjectStore.OpenWith(keys, options, _http.Value);

    /// <summary>A store without keys, whose requests somebody else signs; the caller disposes it.</summary>
    internal S3ObjectStore OpenSignedBy(RemoteSignature sign, S3Options options) => S3ObjectStore.OpenSignedBy(sign, options, _http.Value);

    /// <summary>Opened when it is first needed: only then must the configured credentials be there.</summary>
    private S3ObjectStore Configured()
    {
        lock (_opening)
        {
            return _s3 ??= S3ObjectStore.Open(S3, _http.Value);
        }
    }

    private static string SchemeOf(string uri) => uri.IndexOf(':', StringComparison.Ordinal) is > 0 and var end ? uri[..end] : "";
}
