using Microsoft.Extensions.Logging;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter;

/// <summary>The catalog and what works on it. Connects when it is first needed, and again after a failure, so that an outage delays only.</summary>
internal sealed class Lake(PhilotesOptions options, WriterBuffer buffer, TimeProvider clock, WriterMetrics metrics, ILogger<Lake> logger) : IDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private volatile RestCatalog? _catalog;

    public async Task<TargetTables> TablesAsync(CancellationToken cancellationToken)
    {
        var catalog = await CatalogAsync(cancellationToken);
        return new TargetTables(catalog, new TableCreation(catalog, clock), NoteAsync, metrics);
    }

    public async Task<BatchCommitter> CommitterAsync(CancellationToken cancellationToken) =>
        new(await CatalogAsync(cancellationToken), clock, metrics);

    public void Dispose()
    {
        _catalog?.Dispose();
        _connecting.Dispose();
    }

    public async Task<RestCatalog> CatalogAsync(CancellationToken cancellationToken)
    {
        if (_catalog is { } connected)
            return connected;
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            return _catalog ??= await RestCatalog.ConnectAsync(Options(), cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private RestCatalogOptions Options()
    {
        var lake = options.Lake.Catalog ?? throw new PhilotesException("PH305", "lake.catalog is not set. Name the Iceberg REST catalog there.");
        if (lake.Auth.Oauth2 is not null)
            throw new PhilotesException("PH312", "lake.catalog.auth.oauth2 is not available in this version. Use lake.catalog.auth.bearer.");
        return new RestCatalogOptions
        {
            Uri = lake.Uri!,
            Warehouse = lake.Warehouse,
            Token = lake.Auth.Bearer?.Reveal(),
            Clock = clock,
        };
    }

    private async Task NoteAsync(int schemaId, IReadOnlyList<SchemaNotice> notices, CancellationToken cancellationToken)
    {
        if (notices.Count == 0)
            return;
        await buffer.Registry.RecordNoticesAsync(schemaId, notices, cancellationToken);
        foreach (var notice in notices)
            logger.SchemaNotice(notice.Code, notice.Text);
    }
}
