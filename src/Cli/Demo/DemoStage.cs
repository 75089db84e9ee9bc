using Npgsql;
using Philotes.Buffer;
using Philotes.Catalog;
using Philotes.Hosting.Embedded;
using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>
/// What the demo needs around it: a Postgres with three databases, the catalog in this process, capture and batch writer as processes of
/// their own. Disposing ends all of it, in the reverse order of the start.
/// </summary>
sealed class DemoStage : IAsyncDisposable
{
    readonly Stack<IAsyncDisposable> _started = new();

    public EmbeddedPostgres Server { get; private set; } = null!;

    public EmbeddedCatalog Catalog { get; private set; } = null!;

    public int CapturePort { get; private set; }

    public NpgsqlDataSource Source { get; private set; } = null!;

    public NpgsqlDataSource Buffer { get; private set; } = null!;

    public IReadOnlyList<ChildService> Services { get; private set; } = [];

    public async Task StartServersAsync(DemoFolder folder, CancellationToken cancellationToken)
    {
        Server = Own(await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder.Postgres }, cancellationToken));
        await using (var admin = NpgsqlDataSource.Create(Server.ConnectionString("postgres")))
        {
            foreach (var database in new[] { DemoConfiguration.SourceDatabase, DemoConfiguration.BufferDatabase, DemoConfiguration.CatalogDatabase })
                await ExecuteAsync(admin, $"create database {Identifiers.Quote(database)}", cancellationToken);
        }
        Source = Own(NpgsqlDataSource.Create(Server.ConnectionString(DemoConfiguration.SourceDatabase)));
        Buffer = Own(NpgsqlDataSource.Create(Server.ConnectionString(DemoConfiguration.BufferDatabase)));
        foreach (var sql in Shop.CreateSql)
            await ExecuteAsync(Source, sql, cancellationToken);
        await new SchemaMigrator(Buffer).UpAsync(cancellationToken);
        Catalog = Own(await EmbeddedCatalog.StartAsync(
            new EmbeddedCatalogOptions { ConnectionString = Server.ConnectionString(DemoConfiguration.CatalogDatabase), Warehouse = new Uri(folder.Warehouse).AbsoluteUri },
            cancellationToken));
    }

    public async Task StartServicesAsync(DemoFolder folder, CancellationToken cancellationToken)
    {
        CapturePort = FreePort.Take();
        await File.WriteAllTextAsync(folder.Configuration, DemoConfiguration.Yaml(Server, Catalog.Uri, folder, CapturePort, FreePort.Take()), cancellationToken);
        Directory.CreateDirectory(Path.Combine(folder.Path, "temp"));
        Services = [Start("philotes-capture", "Capture"), Start("philotes-batch-writer", "BatchWriter")];

        ChildService Start(string name, string project) => Own(ChildService.Start(
            name,
            [.. ChildPrograms.Service(name, project), "--config", folder.Configuration],
            Path.Combine(folder.Path, name + ".log"),
            new Dictionary<string, string> { [DemoConfiguration.PasswordVariable] = Server.Password }));
    }

    /// <summary>Waits until capture answers that it is ready: only from then on does the slot keep every change.</summary>
    public async Task CaptureIsReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await Waiting.UntilAsync("capture to be ready", TimeSpan.FromSeconds(60), async token =>
        {
            ThrowIfAServiceDied();
            return await AnswersAsync(client, token);
        }, cancellationToken);
    }

    public void ThrowIfAServiceDied()
    {
        if (Services.FirstOrDefault(service => service.HasExited) is { } dead)
            throw new PhilotesException("PH604", $"{dead.Name} ended with exit code {dead.ExitCode}; the end of {dead.LogFile}:\n{dead.LastLines()}");
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var part))
            await part.DisposeAsync();
    }

    async Task<bool> AnswersAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{CapturePort}/healthz/ready"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _started.Push(part);
        return part;
    }

    static async Task ExecuteAsync(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
