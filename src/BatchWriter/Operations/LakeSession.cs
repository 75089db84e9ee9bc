using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Philotes.BatchWriter.Files;
using Philotes.BatchWriter.Orphans;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>Lake and buffer as a batch writer has them, for one command of an operator.</summary>
internal sealed class LakeSession : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private LakeSession(PhilotesOptions options, ServiceProvider services)
    {
        Options = options;
        _services = services;
        Metrics = new WriterMetrics(services.GetRequiredService<IMeterFactory>());
        Db = NpgsqlDataSource.Create(options.Buffer.Connection!.ToConnectionString("philotes"));
        Buffer = new WriterBuffer(Db);
        Lake = new Lake(options, Buffer, TimeProvider.System, Metrics, NullLogger<Lake>.Instance);
    }

    public PhilotesOptions Options { get; }

    public WriterMetrics Metrics { get; }

    public Lake Lake { get; }

    public NpgsqlDataSource Db { get; }

    public WriterBuffer Buffer { get; }

    public static LakeSession Open(PhilotesOptions options) => new(options, new ServiceCollection().AddMetrics().BuildServiceProvider());

    /// <summary>The settings that the writer uses for a source table. PH203: no rule matches it any more.</summary>
    public async Task<TableSettings> SettingsAsync(BufferedTable source, CancellationToken cancellationToken)
    {
        var settings = Options.For(source.TableName.Schema, source.TableName.Table)
            ?? throw new PhilotesException("PH203", $"No rule under 'tables' matches {source.TableName}.");
        var isDrained = source.Incarnation == 1 || await Buffer.Ledger.EarlierAreCommittedAsync(source.TableId, cancellationToken);
        return RecreatedTable.Settle(source, settings, isDrained);
    }

    /// <summary>The lake's table of a source table, as the configuration names it; null where there is none yet.</summary>
    public async Task<LoadedTable?> FindTableAsync(TableSettings settings, CancellationToken cancellationToken)
    {
        var catalog = await Lake.CatalogAsync(cancellationToken);
        return await catalog.FindTableAsync(TargetTables.NameOf(settings), cancellationToken);
    }

    public async Task<BatchEncoder> EncoderAsync(LoadedTable table, Announcer announcer, CancellationToken cancellationToken) =>
        new(Options.Writer, Options.Lake.TargetFileSize, await Lake.StoreAsync(table, cancellationToken), Buffer, announcer, Metrics, NullLogger.Instance);

    public async ValueTask DisposeAsync()
    {
        Lake.Dispose();
        await Buffer.DisposeAsync();
        await _services.DisposeAsync();
    }
}
