using Philotes.Iceberg.Storage.S3;

namespace Philotes.Iceberg.Rest;

/// <summary>How requests to a catalog prove who they are. Secrets are functions, asked when they are needed, so that a rotated one holds.</summary>
public abstract record RestAuth
{
    RestAuth()
    {
    }

    /// <summary>A token that somebody else made.</summary>
    public sealed record Bearer(Func<string> Token) : RestAuth
    {
        public override string ToString() => "bearer token";
    }

    /// <summary>OAuth2 client credentials: a token is asked for, kept until shortly before it ends, and asked for anew when it is refused.</summary>
    /// <param name="TokenUri">Null: the catalog's own <c>v1/oauth/tokens</c>, which many catalogs do not have.</param>
    /// <param name="Audience">Sent when set; some identity providers need it.</param>
    /// <param name="Resource">Sent when set (RFC 8707).</param>
    public sealed record ClientCredentials(
        string ClientId, Func<string> ClientSecret, string Scope = "catalog", Uri? TokenUri = null, string? Audience = null, string? Resource = null) : RestAuth
    {
        public override string ToString() => $"OAuth2 client {ClientId}";
    }

    /// <summary>Amazon's Signature Version 4.</summary>
    /// <param name="Service"><c>glue</c>, <c>s3tables</c> or <c>execute-api</c>.</param>
    /// <param name="Credentials">Where the keys come from: those of the options, else the SDK's chain.</param>
    public sealed record SigV4(string Service, string Region, S3Options Credentials) : RestAuth
    {
        public override string ToString() => $"signature for {Service} in {Region}";
    }
}
