using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record LakeCatalogOptions
{
    [Description("Base address of the Iceberg REST catalog, without /v1.")]
    [Mandatory]
    public Uri? Uri { get; init; }

    [Description("The warehouse asked for in /v1/config.")]
    public string? Warehouse { get; init; }

    [Description("How requests prove who they are; nothing is sent if not set.")]
    public LakeAuthOptions Auth { get; init; } = new();
}
