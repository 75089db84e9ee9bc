using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record SigV4Options
{
    [Description("Service that is signed for: glue, s3tables or execute-api.")]
    [Mandatory]
    public string? Service { get; init; }

    [Description("Region that is signed for.")]
    [Mandatory]
    public string? Region { get; init; }

    [Description("Access key; the chain of environment, profile, web identity and instance role if not set.")]
    public string? AccessKey { get; init; }

    [Description("Secret key.")]
    public Secret? SecretKey { get; init; }

    [Description("Session token of keys that end.")]
    public Secret? SessionToken { get; init; }

    [Description("Profile of the shared credentials file, in place of the chain.")]
    public string? Profile { get; init; }

    [Description("Role to take on with these credentials.")]
    public string? RoleArn { get; init; }
}
