namespace Philotes.Hosting;

/// <summary>What the keys of <c>lake.catalog</c> and <c>lake.store</c> must say together.</summary>
static class LakeChecks
{
    public static IEnumerable<(string Key, string Message)> Problems(LakeOptions lake) =>
        (lake.Catalog is null ? [] : CatalogProblems(lake.Catalog)).Concat(StoreProblems(lake.Store)).Concat(TransportProblems(lake));

    static IEnumerable<(string Key, string Message)> CatalogProblems(LakeCatalogOptions catalog)
    {
        if (catalog.Type is CatalogType.Rest && catalog.Uri is null)
            yield return ("lake.catalog.uri", "is missing; it must be the address of the Iceberg REST catalog, without /v1");
        if (catalog.Uri is { } uri && uri.Scheme is not ("http" or "https"))
            yield return ("lake.catalog.uri", "must begin with http:// or https://");
        if (catalog.Type is CatalogType.Sql && catalog.Connection is null)
            yield return ("lake.catalog.connection", "is missing; a catalog of type sql needs the database that holds its tables");
        if (catalog.Type is CatalogType.Sql && (catalog.Warehouse is null || !(catalog.Warehouse.StartsWith("file:///", StringComparison.Ordinal) || catalog.Warehouse.StartsWith("s3://", StringComparison.Ordinal))))
            yield return ("lake.catalog.warehouse", "must begin with file:/// or s3:// for a catalog of type sql: tables are put under it");
        if (new object?[] { catalog.Auth.Bearer, catalog.Auth.Oauth2, catalog.Auth.Sigv4 }.Count(way => way is not null) > 1)
            yield return ("lake.catalog.auth", "has more than one of bearer, oauth2 and sigv4; keep one");
        if (catalog.Auth.Sigv4 is { } sigV4)
        {
            foreach (var problem in KeyProblems("lake.catalog.auth.sigv4", sigV4.AccessKey, sigV4.SecretKey, sigV4.Profile))
                yield return problem;
        }
        foreach (var name in catalog.Headers.Keys.Where(name => name.Equals("authorization", StringComparison.OrdinalIgnoreCase)))
            yield return ($"lake.catalog.headers.{name}", "is a secret and would be printed; use lake.catalog.auth.bearer");
    }

    static IEnumerable<(string Key, string Message)> StoreProblems(LakeStoreOptions store)
    {
        if (store.Endpoint is { } endpoint && endpoint.Scheme is not ("http" or "https"))
            yield return ("lake.store.endpoint", "must begin with http:// or https://");
        if (store.KmsKey is not null && store.Encryption is not StoreEncryption.SseKms)
            yield return ("lake.store.kms_key", "is used only with encryption: sse-kms");
        if (store.ExternalId is not null && store.RoleArn is null)
            yield return ("lake.store.external_id", "is used only with role_arn");
        foreach (var problem in KeyProblems("lake.store", store.AccessKey, store.SecretKey, store.Profile))
            yield return problem;
    }

    static IEnumerable<(string Key, string Message)> KeyProblems(string section, string? accessKey, Secret? secretKey, string? profile)
    {
        if (accessKey is null != secretKey is null)
            yield return ($"{section}.{(accessKey is null ? "access_key" : "secret_key")}", "is missing; access_key and secret_key go together");
        if (accessKey is not null && profile is not null)
            yield return ($"{section}.profile", "and access_key exclude each other; keep one");
    }

    static IEnumerable<(string Key, string Message)> TransportProblems(LakeOptions lake)
    {
        (string Key, Uri? Address)[] addresses =
            [("lake.catalog.uri", lake.Catalog?.Uri), ("lake.store.endpoint", lake.Store.Endpoint), ("lake.catalog.auth.oauth2.token_uri", lake.Catalog?.Auth.Oauth2?.TokenUri)];
        foreach (var (key, address) in addresses)
        {
            if (!lake.AllowInsecure && address is { Scheme: "http", IsLoopback: false })
                yield return (key, "is not encrypted; use https://, or set lake.allow_insecure: true where nobody else can listen");
        }
    }
}
