using Microsoft.Extensions.Logging;
using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Orphans;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Storage;
using Philotes.Warehouse;

namespace Philotes.BatchWriter;

/// <summary>The catalog and what works on it. Connects when it is first needed, and again after a failure, so that an outage delays only.</summary>
internal sealed class Lake(PhilotesOptions options, WriterBuffer buffer, TimeProvider clock, WriterMetrics metrics, ILogger<Lake> logger) : IDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private volatile WarehouseConnection? _warehouse;

    /// <param name="announcer">Of the batch that needs the table.</param>
    public async Task<TargetTables> TablesAsync(Announcer announcer, CancellationToken cancellationToken)
    {
        var warehouse = await ConnectAsync(cancellationToken);
        return new TargetTables(warehouse.Catalog, new TableCreation(warehouse.Catalog, warehouse.Stores, announcer, clock), NoteAsync, metrics);
    }

    public async Task<BatchCommitter> CommitterAsync(Announcer announcer, CancellationToken cancellationToken)
    {
        var warehouse = await ConnectAsync(cancellationToken);
        return new BatchCommitter(warehouse.Catalog, warehouse.Stores, announcer, clock, metrics);
    }

    /// <summary>The store of a table's files, with the access that it was loaded with.</summary>
    public async Task<IObjectStore> StoreAsync(LoadedTable table, CancellationToken cancellationToken) =>
        (await ConnectAsync(cancellationToken)).Stores.For(table);

    public async Task<RestCatalog> CatalogAsync(CancellationToken cancellationToken) => (await ConnectAsync(cancellationToken)).Catalog;

    public void Dispose()
    {
        _warehouse?.Dispose();
        _connecting.Dispose();
    }

    private async Task<WarehouseConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_warehouse is { } connected)
            return connected;
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            return _warehouse ??= await WarehouseConnection.OpenAsync(options.Lake, clock, logger, cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
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
