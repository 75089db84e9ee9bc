using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>The embedded catalog, as its own process or inside <c>philotes dev</c>.</summary>
public sealed record CatalogOptions
{
    [Description("Address and port to listen on; port 0 takes a free one.")]
    public ListenAddress Listen { get; init; } = new("127.0.0.1", 8181);

    [Description("The database that holds the catalog's tables.")]
    public ConnectionOptions? Connection { get; init; }

    [Description("Root of the tables' locations, as a URI.")]
    public Uri Warehouse { get; init; } = new("file:///var/lib/philotes/warehouse");
}
