using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Philotes.Catalog;

/// <summary>Ties the server's life to the host's. A start that fails ends the host.</summary>
internal sealed class CatalogWorker(EmbeddedCatalogOptions options, ILoggerFactory loggers) : IHostedService
{
    EmbeddedCatalog? _catalog;

    public async Task StartAsync(CancellationToken cancellationToken) =>
        _catalog = await EmbeddedCatalog.StartAsync(options, cancellationToken, loggers);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_catalog is not null)
            await _catalog.DisposeAsync();
    }
}
