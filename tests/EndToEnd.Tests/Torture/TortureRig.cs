using System.Globalization;
using Npgsql;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests.Torture;

/// <summary>Capture, two writers, the catalog and its buffer as processes, an S3 store, and a proxy in front of catalog and store: each can be killed or made to lie.</summary>
internal sealed class TortureRig : IAsyncDisposable
{
    private readonly PostgresServer _buffer;
    private readonly ScriptedProxy _beforeStore;
    private readonly ScriptedProxy _beforeCatalog;
    private ProgramProcess? _secondWriter;

    private TortureRig(S3Server store, PostgresServer buffer, ScriptedProxy beforeStore, ScriptedProxy beforeCatalog, Pipeline pipeline)
    {
        (Store, _buffer, _beforeStore, _beforeCatalog, Pipeline) = (store, buffer, beforeStore, beforeCatalog, pipeline);
    }

    public S3Server Store { get; }

    public Pipeline Pipeline { get; }

    public int Kills { get; private set; }

    public int Faults => _beforeStore.FaultCount + _beforeCatalog.FaultCount;

    /// <param name="maxAge">Of a change before it is committed: decides how many snapshots there will be.</param>
    public static async Task<TortureRig> StartAsync(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var store = await S3Server.SharedAsync();
        var bucket = await store.CreateBucketAsync();
        var buffer = await PostgresServer.StartAsync();
        var beforeStore = ScriptedProxy.StartBeforeStore(store.Endpoint);
        ScriptedProxy? beforeCatalog = null;
        var shape = new PipelineShape(
            Lake: $$"""  store: { endpoint: "{{beforeStore.Uri}}", access_key: {{store.AccessKey}}, secret_key: {{store.SecretKey}}, region: us-east-1, timeout: 15s }""",
            Warehouse: $"s3://{bucket}/warehouse",
            CatalogProxy: catalog => (beforeCatalog = ScriptedProxy.Start(catalog)).Uri,
            Catalog: ", timeout: 10s",
            MaxAge: string.Create(CultureInfo.InvariantCulture, $"{(long)maxAge.TotalMilliseconds}ms"));
        var pipeline = await Pipeline.CreateAsync(Servers.Source, buffer, shape, cancellationToken);
        return new TortureRig(store, buffer, beforeStore, beforeCatalog!, pipeline);
    }

    public async Task StartProgramsAsync(CancellationToken cancellationToken)
    {
        Pipeline.StartCapture();
        Pipeline.StartWriter();
        _secondWriter = Pipeline.StartSecond("BatchWriter");
        await Pipeline.SlotActiveAsync(cancellationToken);
    }

    public void BadWeather(Random random)
    {
        _beforeCatalog.Weather = new Weather(new Random(random.Next()), TimeSpan.FromMilliseconds(400), Torture.Faults.OfCatalog).Next;
        _beforeStore.Weather = new Weather(new Random(random.Next()), TimeSpan.FromMilliseconds(400), Torture.Faults.OfStore).Next;
    }

    /// <summary>Catalog and store answer nobody, each in two ways.</summary>
    public void Away()
    {
        _beforeCatalog.Weather = request => request.Method == "GET" ? new ProxyFault.AnswerInstead(503, "<html><body>down</body></html>", "text/html") : new ProxyFault.DropRequest();
        _beforeStore.Weather = request => request.Method == "GET" ? new ProxyFault.DropRequest() : new ProxyFault.AnswerInstead(503);
    }

    /// <summary>The proxies pass everything on, and what they held arrives.</summary>
    public async Task FairWeatherAsync()
    {
        _beforeCatalog.Weather = null;
        _beforeStore.Weather = null;
        await ReleaseZombiesAsync();
    }

    /// <summary>Requests that were held arrive long after everybody gave them up.</summary>
    public async Task ReleaseZombiesAsync()
    {
        await ReleaseAsync(_beforeCatalog);
        await ReleaseAsync(_beforeStore);
    }

    /// <summary>kill -9 of one part, drawn by weight, and its start again.</summary>
    public async Task KillOneAsync(Random random, CancellationToken cancellationToken)
    {
        switch (random.Next(20))
        {
            case 0:
                await _buffer.CrashAndRestartAsync();
                break;
            case 1 when Store.IsOwn:
                await Store.KillGatewayAsync();
                await Task.Delay(random.Next(0, 3_000), cancellationToken);
                await Store.StartGatewayAsync();
                break;
            case 2 or 3:
                await Pipeline.Catalog!.KillAsync();
                await Pipeline.StartCatalogAsync(cancellationToken);
                break;
            case < 10:
                await DiesAsync(Pipeline.Capture!);
                Pipeline.StartCapture();
                break;
            case < 15:
                await DiesAsync(Pipeline.Writer!);
                Pipeline.StartWriter();
                break;
            default:
                await DiesAsync(_secondWriter!);
                _secondWriter = Pipeline.StartSecond("BatchWriter");
                break;
        }

        Kills++;
    }

    /// <summary>Batches that failed are due soon: long waits are tested elsewhere, and here nothing would happen meanwhile.</summary>
    public async Task HurryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var due = Pipeline.Buffer.CreateCommand(
                "update philotes.batch set next_try_at = clock_timestamp() where state = 'failed' and next_try_at < clock_timestamp() + interval '1 day'");
            await due.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException gone) when (gone.IsTransient || gone is PostgresException)
        {
            // The connection is one of those that died with the server; the pool makes another.
            Pipeline.Buffer.Clear();
        }
    }

    /// <summary>Waits until the lake has everything that the source has.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        Pipeline.Buffer.Clear();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hurrying = HurryUntilAsync(over.Token);
        try
        {
            await Pipeline.CatchUpAsync(cancellationToken);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException(await LedgerAsync() + Environment.NewLine + late.Message, late);
        }
        finally
        {
            await over.CancelAsync();
            await hurrying;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_secondWriter is not null)
        {
            await _secondWriter.DisposeAsync();
        }

        await Pipeline.DisposeAsync();
        await _beforeCatalog.DisposeAsync();
        await _beforeStore.DisposeAsync();
        await _buffer.DisposeAsync();
    }

    private async Task DiesAsync(ProgramProcess victim)
    {
        Assert.That(victim.HasExited, Is.False, () => $"{victim.Project} ended by itself with {victim.ExitCode}: {victim.Output}");
        await victim.KillAsync();
    }

    private async Task HurryUntilAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await HurryAsync(CancellationToken.None);
            await Task.Delay(500, CancellationToken.None);
        }
    }

    private async Task<string> LedgerAsync() => await Pipeline.BufferAsync<string>("""
        select coalesce(string_agg(t.table_name || ' ' || b.state || ' attempt ' || b.attempt || ' ' || coalesce(b.error_code, '') || ' ' || coalesce(b.error_text, ''), e'\n'), 'no open batch')
        from philotes.batch b join philotes.source_table t using (table_id) where b.state <> 'committed'
        """, CancellationToken.None);

    private static async Task ReleaseAsync(ScriptedProxy proxy)
    {
        try
        {
            await proxy.ReleaseHeldAsync();
        }
        catch (HttpRequestException)
        {
            // The server behind the proxy is down just now: this zombie is lost, as requests are.
        }
    }
}
