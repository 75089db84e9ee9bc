using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>At most one of the ways is set.</summary>
public sealed record LakeAuthOptions
{
    [Description("A bearer token, sent as it is.")]
    public Secret? Bearer { get; init; }

    [Description("OAuth2 client credentials.")]
    public OAuth2Options? Oauth2 { get; init; }

    [Description("Amazon's signature, for Glue, S3 Tables and API Gateway.")]
    public SigV4Options? Sigv4 { get; init; }
}
