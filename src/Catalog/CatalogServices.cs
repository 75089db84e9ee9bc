using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Philotes.Hosting;
using Philotes.Warehouse;

namespace Philotes.Catalog;

/// <summary>Adds the catalog's server to a host; it starts and stops with it.</summary>
public static class CatalogServices
{
    public static IServiceCollection AddCatalog(this IServiceCollection services, PhilotesOptions options) =>
        services.AddSingleton<IHostedService>(provider => new CatalogWorker(Options(options), provider.GetRequiredService<ILoggerFactory>()));

    static EmbeddedCatalogOptions Options(PhilotesOptions options) => new()
    {
        ConnectionString = options.Catalog.Connection!.ToConnectionString("philotes-catalog"),
        Warehouse = options.Catalog.Warehouse.OriginalString,
        Store = StoreSettings.S3(options.Lake.Store),
        Listen = options.Catalog.Listen.EndPoint,
    };
}
