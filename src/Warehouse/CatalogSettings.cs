using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage.S3;

namespace Philotes.Warehouse;

/// <summary>From the keys of <c>lake.catalog</c> to the options of a REST client.</summary>
internal static class CatalogSettings
{
    public static RestCatalogOptions Rest(LakeOptions lake, LakeCatalogOptions catalog, TimeProvider clock) => new()
    {
        Uri = catalog.Uri!,
        Warehouse = catalog.Warehouse,
        Prefix = catalog.Prefix,
        Auth = Auth(catalog),
        Headers = catalog.Headers,
        AccessDelegation = Delegation(lake, catalog),
        AllowedHosts = catalog.AllowedHosts,
        Timeout = catalog.Timeout,
        RootCertificate = catalog.RootCertificate,
        Clock = clock,
    };

    /// <summary>Keys of the configuration stand unless the configuration asks for others.</summary>
    private static string? Delegation(LakeOptions lake, LakeCatalogOptions catalog) => catalog.AccessDelegation switch
    {
        AccessDelegation.None => null,
        AccessDelegation.RemoteSigning => "remote-signing",
        AccessDelegation.VendedCredentials => "vended-credentials",
        _ => lake.Store is { AccessKey: null, Profile: null, RoleArn: null } ? "vended-credentials" : null,
    };

    private static RestAuth? Auth(LakeCatalogOptions catalog) => catalog.Auth switch
    {
        { Bearer: { } bearer } => new RestAuth.Bearer(bearer.Reveal),
        { Oauth2: { } client } => new RestAuth.ClientCredentials(
            client.ClientId!, client.ClientSecret!.Reveal, client.Scope, client.TokenUri, client.Audience, client.Resource),
        { Sigv4: { } sigV4 } => new RestAuth.SigV4(sigV4.Service!, sigV4.Region!, new S3Options
        {
            Keys = StoreSettings.Keys(sigV4.AccessKey, sigV4.SecretKey, sigV4.SessionToken),
            Profile = sigV4.Profile,
            RoleArn = sigV4.RoleArn,
        }),
        _ => null,
    };
}
