using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Philotes.BatchWriter;
using Philotes.Buffer;
using Philotes.Catalog;
using Philotes.Hosting;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Benchmarks;

/// <summary>
/// What a batch costs beside its rows: from claim to finish, without encoding and uploading, one change at a time into one table. Buffer and catalog are a real
/// Postgres with fsync, the catalog is the embedded one over HTTP, the warehouse a folder.
/// </summary>
internal sealed class CommitBenchmark : IAsyncDisposable
{
    private const int Edge = 100;
    private static readonly TableSchema Table = new(16_400, new TableName("public", "orders"), 'd', [new ColumnSchema("id", "bigint", IsKey: true), new ColumnSchema("note", "text", IsKey: false)]);

    private readonly string _folder;
    private readonly Dictionary<string, List<double>> _parts = [];
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PostgresServer _server;
    private readonly string _database;
    private readonly EmbeddedCatalog _catalog;

    private CommitBenchmark(PostgresServer server, string database, EmbeddedCatalog catalog, string folder) =>
        (_server, _database, _catalog, _folder) = (server, database, catalog, folder);

    public static async Task<CommitBenchmark> StartAsync(CancellationToken cancellationToken)
    {
        var server = await PostgresServer.StartAsync(fsync: true);
        var folder = Directory.CreateTempSubdirectory("philotes-bench-").FullName;
        var database = await server.CreateDatabaseAsync();
        var catalog = await EmbeddedCatalog.StartAsync(new EmbeddedCatalogOptions { ConnectionString = await server.CreateDatabaseAsync(), Warehouse = $"file://{folder}" }, cancellationToken);
        return new CommitBenchmark(server, database, catalog, folder);
    }

    /// <summary>P4 and P5: <paramref name="commits"/> batches of one row; prints the overhead's median and how it grew from the first hundred to the last.</summary>
    public async Task RunAsync(int commits, CancellationToken cancellationToken)
    {
        await using var proxy = ScriptedProxy.Start(_catalog.Uri);
        var steps = new List<(string Name, double Milliseconds)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Philotes.BatchWriter",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => steps.Add((activity.OperationName, activity.Duration.TotalMilliseconds)),
        };
        ActivitySource.AddActivityListener(listener);
        var overheads = await CommitAsync(_catalog.Uri, commits, steps, cancellationToken);
        await CommitAsync(proxy.Uri, 21, steps, cancellationToken);
        var parts = _parts.ToDictionary();
        // The first of them asks the catalog what it is.
        var perBatch = (proxy.Requests.Count - 1) / 21.0;

        var settled = overheads.Skip(Edge / 2).ToList();
        var (first, last) = (Median(overheads.Skip(Edge / 2).Take(Edge)), Median(overheads.TakeLast(Edge)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"P4 commit overhead, claim to finish without encode and upload: p50 {Median(settled):F1} ms, p90 {Quantile(settled, 0.9):F1} ms, p99 {Quantile(settled, 0.99):F1} ms; {perBatch:F1} requests to the catalog a batch"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"P5 {commits:N0} commits to one table: p50 of commits {Edge / 2} to {Edge * 3 / 2} {first:F1} ms, of the last {Edge} {last:F1} ms, {(last / first) - 1:P0}"));
        foreach (var (name, milliseconds) in parts.OrderByDescending(part => part.Value.TakeLast(Edge).Average()))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"   {name}: p50 {Median(milliseconds.Skip(Edge / 2).Take(Edge)):F1} ms, of the last {Edge} {Median(milliseconds.TakeLast(Edge)):F1} ms"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _catalog.DisposeAsync();
        await _server.DisposeAsync();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Milliseconds of each batch, in order.</summary>
    private async Task<List<double>> CommitAsync(Uri catalog, int commits, List<(string Name, double Milliseconds)> steps, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(_database);
        await using var buffer = new WriterBuffer(NpgsqlDataSource.Create(_database));
        await buffer.Schema.UpAsync(cancellationToken);
        var source = await buffer.Registry.EnsureAsync("shop", "slot", "publication", cancellationToken);
        await using var appender = new BufferAppender(database);
        var lsn = (await appender.BeginAsync(source.SourceId, "bench", cancellationToken)).Durable.Value;
        var table = await buffer.Registry.EnsureTableAsync(source.SourceId, Table, cancellationToken: cancellationToken);
        var schema = await buffer.Registry.EnsureSchemaAsync(table, Table, new Lsn(lsn), new byte[] { (byte)'R' }, cancellationToken);
        var metrics = new WriterMetrics(_services.GetRequiredService<IMeterFactory>());
        using var lake = new Lake(Options(catalog), buffer, TimeProvider.System, metrics, NullLogger<Lake>.Instance);
        var runner = new BatchRunner(Options(catalog), buffer, lake, metrics, TimeProvider.System, NullLogger<BatchRunner>.Instance);
        var overheads = new List<double>();
        for (var i = 0; i < commits; i++)
        {
            lsn += 0x100;
            using var chunk = appender.OpenChunk(table, schema);
            chunk.Append(ChangeKind.Insert, new Lsn(lsn), 0, 777, 820_000_000_000_000, [], hasOld: false, Tuple($"{lsn}", "note"), hasNew: true);
            await appender.FlushAsync([chunk], new Lsn(lsn), cancellationToken);
            steps.Clear();
            await runner.RunUntilIdleAsync(cancellationToken);
            foreach (var part in steps.GroupBy(step => step.Name, step => step.Milliseconds))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_parts, part.Key, out _) ??= [];
                _parts[part.Key].Add(part.Sum());
            }

            overheads.Add(steps.Single(step => step.Name == "batch").Milliseconds - steps.Where(step => step.Name == "encode").Sum(step => step.Milliseconds));
        }

        return overheads;
    }

    private PhilotesOptions Options(Uri catalog)
    {
        _ = TablePattern.TryParse("*.*", out var all);
        return new PhilotesOptions
        {
            Source = new SourceOptions { Name = "shop" },
            Writer = new WriterOptions { Parallelism = 1, TempFolder = Path.Combine(_folder, "temp") },
            Defaults = new TableDefaults { Commit = new CommitOptions { MinRows = 1, MaxAge = TimeSpan.Zero } },
            Lake = new LakeOptions { Catalog = new LakeCatalogOptions { Uri = catalog } },
            Tables = [new TableRule { Match = all }],
        };
    }

    /// <summary>Values as pgoutput sends them: a count, then each as text.</summary>
    private static byte[] Tuple(params string[] values)
    {
        var tuple = new List<byte> { (byte)(values.Length >> 8), (byte)values.Length };
        foreach (var bytes in values.Select(System.Text.Encoding.UTF8.GetBytes))
        {
            tuple.AddRange([(byte)'t', (byte)(bytes.Length >> 24), (byte)(bytes.Length >> 16), (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes]);
        }

        return [.. tuple];
    }

    private static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    private static double Quantile(IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * quantile))];
    }
}
