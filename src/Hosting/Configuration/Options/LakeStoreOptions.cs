using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record LakeStoreOptions
{
    [Description("Checksums of uploads; auto leaves them out for an endpoint of your own.")]
    public AutoSwitch Checksums { get; init; } = AutoSwitch.Auto;

    [Description("Bucket in the path instead of in the host name; auto uses it for an endpoint of your own.")]
    public AutoSwitch PathStyle { get; init; } = AutoSwitch.Auto;

    [Description("Address of a store of your own.")]
    public Uri? Endpoint { get; init; }

    [Description("Region of the store.")]
    public string? Region { get; init; }

    [Description("Access key.")]
    public string? AccessKey { get; init; }

    [Description("Secret key.")]
    public Secret? SecretKey { get; init; }
}
