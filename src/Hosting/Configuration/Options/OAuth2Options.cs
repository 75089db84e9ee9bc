using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record OAuth2Options
{
    [Description("Client id.")]
    [Mandatory]
    public string? ClientId { get; init; }

    [Description("Client secret.")]
    [Mandatory]
    public Secret? ClientSecret { get; init; }

    [Description("Scope asked for.")]
    public string Scope { get; init; } = "catalog";

    [Description("Token endpoint; the catalog's own if not set.")]
    public Uri? TokenUri { get; init; }

    [Description("Audience asked for, where the identity provider needs one.")]
    public string? Audience { get; init; }

    [Description("Resource asked for, where the identity provider needs one.")]
    public string? Resource { get; init; }
}
