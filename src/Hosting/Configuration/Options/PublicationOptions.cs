using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record PublicationOptions
{
    [Description("Name of the publication.")]
    public string Name { get; init; } = "philotes";

    [Description("True: created and altered for the tables that the rules match. False: given, and only checked.")]
    public bool Managed { get; init; } = true;
}
