using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Philotes.BatchWriter.Commit;
using Philotes.Buffer;
using Philotes.Catalog;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Shared;
using Philotes.Testing;
using Philotes.Warehouse;

namespace Philotes.BatchWriter.Tests;

/// <summary>A buffer on real Postgres, the embedded catalog, a folder as the store, and the batch writer without its scheduler.</summary>
internal sealed class WriterBench : IAsyncDisposable
{
    private const string SourceName = "shop";
    private static readonly ConcurrentDictionary<string, uint> Oids = new(StringComparer.Ordinal);
    private static uint _lastOid = 16_384;

    private readonly string _folder = Directory.CreateTempSubdirectory("philotes-writer-").FullName;
    private readonly NpgsqlDataSource _db;
    private readonly BufferAppender _appender;
    private readonly List<IDisposable> _owned = [];
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private EmbeddedCatalog? _catalog;
    private int _sourceId;
    private ulong _lsn = 0x100;

    private WriterBench(string connectionString)
    {
        ConnectionString = connectionString;
        var db = NpgsqlDataSource.Create(connectionString);
        _db = db;
        _appender = new BufferAppender(db);
        Buffer = new WriterBuffer(db);
        Metrics = new WriterMetrics(_services.GetRequiredService<IMeterFactory>());
    }

    public string ConnectionString { get; }

    /// <summary>Of the database with the catalog's tables.</summary>
    public string CatalogConnection { get; private set; } = "";

    public WriterBuffer Buffer { get; }

    public WriterMetrics Metrics { get; }

    /// <summary>The scope of the meters that this bench's writer counts with.</summary>
    public object Meters => _services.GetRequiredService<IMeterFactory>();

    public NpgsqlDataSource Db => _db;

    public Uri CatalogUri => _catalog!.Uri;

    public PhilotesOptions Options { get; private set; } = new();

    /// <summary>With the warehouse in a bucket, of which the writer has the keys by configuration.</summary>
    public static Task<WriterBench> StartOnAsync(S3Server store, string bucket, Uri? endpoint = null)
    {
        var options = new LakeStoreOptions
        {
            Endpoint = endpoint ?? store.Endpoint,
            AccessKey = store.AccessKey,
            SecretKey = Secret.Inline(store.SecretKey),
            PartBytes = ByteSize.FromMebibytes(5),
        };
        return StartAsync(rule: null, $"s3://{bucket}/warehouse", options);
    }

    public static Task<WriterBench> StartAsync(Func<TableRule, TableRule>? rule = null) => StartAsync(rule, warehouse: null, new LakeStoreOptions());

    private static async Task<WriterBench> StartAsync(Func<TableRule, TableRule>? rule, string? warehouse, LakeStoreOptions store)
    {
        var server = await PostgresSetUp.ServerAsync();
        var bench = new WriterBench(await server.CreateDatabaseAsync());
        await bench.Buffer.Schema.UpAsync();
        bench._sourceId = (await bench.Buffer.Registry.EnsureAsync(SourceName, "slot", "publication")).SourceId;
        await bench._appender.BeginAsync(bench._sourceId, "test");
        bench.CatalogConnection = await server.CreateDatabaseAsync();
        bench._catalog = await EmbeddedCatalog.StartAsync(
            new EmbeddedCatalogOptions { ConnectionString = bench.CatalogConnection, Warehouse = warehouse ?? $"file://{bench._folder}", Store = StoreSettings.S3(store) }, CancellationToken.None);
        _ = TablePattern.TryParse("*.*", out var all);
        var everything = new TableRule { Match = all };
        bench.Options = new PhilotesOptions
        {
            Source = new SourceOptions { Name = SourceName },
            Writer = new WriterOptions { Parallelism = 2, TempFolder = Path.Combine(bench._folder, "temp"), Lease = TimeSpan.FromSeconds(5) },
            Defaults = new TableDefaults { Commit = new CommitOptions { MinRows = 1, MaxAge = TimeSpan.Zero } },
            Lake = new LakeOptions { Store = store },
            Tables = [rule is null ? everything : rule(everything)],
        };
        return bench;
    }

    /// <summary>A table's number is its own, and the same each time that it is named.</summary>
    public static TableSchema Schema(string table, char identity, params (string Name, string Type, bool Key)[] columns) => new(
        Oids.GetOrAdd(table, static _ => Interlocked.Increment(ref _lastOid)), new TableName("public", table), identity,
        [.. columns.Select(column => new ColumnSchema(column.Name, column.Type, column.Key))]);

    /// <summary>Appends one transaction of one table and makes it durable.</summary>
    public Task AppendAsync(TableSchema schema, params Change[] changes) => AppendAsync(schema, (IEnumerable<Change>)changes);

    public async Task AppendAsync(TableSchema schema, IEnumerable<Change> changes)
    {
        var table = await Buffer.Registry.EnsureTableAsync(_sourceId, schema);
        var schemaId = await Buffer.Registry.EnsureSchemaAsync(table, schema, new Lsn(_lsn), new byte[] { (byte)'R' });
        var chunk = _appender.OpenChunk(table, schemaId);
        var sequence = 0L;
        _lsn += 0x100;
        foreach (var change in changes)
            chunk.Append(change.Kind, new Lsn(_lsn), sequence++, 777, 820_000_000_000_000, change.Old ?? [], change.Old is not null, change.New ?? [], change.New is not null);
        await _appender.FlushAsync([chunk], new Lsn(_lsn));
    }

    public string Warehouse => _folder;

    public BatchRunner Runner(Uri? catalog = null, PhilotesOptions? options = null, Func<LakeOptions, LakeOptions>? change = null, ILogger<BatchRunner>? log = null)
    {
        options ??= Options;
        var configured = options.Lake with { Catalog = new LakeCatalogOptions { Uri = catalog ?? CatalogUri } };
        options = options with { Lake = change?.Invoke(configured) ?? configured };
        var lake = new Lake(options, Buffer, TimeProvider.System, Metrics, NullLogger<Lake>.Instance);
        _owned.Add(lake);
        return new BatchRunner(options, Buffer, lake, Metrics, TimeProvider.System, log ?? NullLogger<BatchRunner>.Instance);
    }

    public Task<ClaimedBatch?> ClaimAsync(TimeSpan? lease = null) =>
        Buffer.Ledger.ClaimAsync("test", new ClaimLimits(1_000_000, 1L << 40, lease ?? TimeSpan.FromMinutes(1)));

    public async Task<RestCatalog> CatalogAsync(Uri? uri = null)
    {
        var catalog = await RestCatalog.ConnectAsync(new RestCatalogOptions { Uri = uri ?? CatalogUri }, CancellationToken.None);
        _owned.Add(catalog);
        return catalog;
    }

    public async Task<LoadedTable> LoadAsync(string table) =>
        await (await CatalogAsync()).LoadTableAsync(TableIdentifier.Parse($"public.{table}_changelog"), CancellationToken.None);

    public async Task<HighWaterMark?> MarkAsync(string table) => HighWaterMark.Read((await LoadAsync(table)).Metadata.Properties, SourceName);

    /// <summary>The rows as icebird sees them, in the source's order.</summary>
    public async Task<IReadOnlyList<JsonObject>> ReadAsync(string table)
    {
        var lines = await ForeignReaders.ReadWithIcebirdAsync((await LoadAsync(table)).MetadataLocation!);
        return [.. lines.Select(line => JsonNode.Parse(line)!.AsObject())
            .OrderBy(row => long.Parse(row["_cdc_lsn"]!.ToString(), CultureInfo.InvariantCulture))
            .ThenBy(row => long.Parse(row["_cdc_seq"]!.ToString(), CultureInfo.InvariantCulture))];
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _db.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
            owned.Dispose();
        await _appender.DisposeAsync();
        if (_catalog is not null)
            await _catalog.DisposeAsync();
        await Buffer.DisposeAsync();
        await _services.DisposeAsync();
        await WrittenFiles.CheckAsync(_folder);
        Directory.Delete(_folder, recursive: true);
    }
}
