using Philotes.Iceberg.Storage.S3;

namespace Philotes.Iceberg.Rest;

/// <summary>Puts the proof into requests. Safe for concurrent use.</summary>
internal abstract class RestAuthorization : IDisposable
{
    public static RestAuthorization? Of(RestCatalogOptions options, HttpClient http) => options.Auth switch
    {
        null => null,
        RestAuth.Bearer bearer => new BearerAuthorization(bearer.Token),
        RestAuth.ClientCredentials client => new OAuth2Authorization(client, options, http),
        RestAuth.SigV4 sigV4 => new SigV4Authorization(sigV4, S3Connection.CredentialsOf(sigV4.Credentials), options.Clock),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Null when the request carries its proof now; else why it cannot, as the answer to it. It was not sent.</summary>
    public abstract Task<RestAnswer?> AuthorizeAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>The catalog refused what was sent (401, 419): the next request is to carry another proof where there is one.</summary>
    public virtual void Refused()
    {
    }

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
