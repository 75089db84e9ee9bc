using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Philotes.Testing;

/// <summary>Iceberg's own REST catalog (Java), on a free port, with a warehouse folder and a database of its own that go with it.</summary>
public sealed class ReferenceCatalog : IAsyncDisposable
{
    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    readonly Process _server;
    readonly string _folder;
    readonly ConcurrentQueue<string> _log = new();

    ReferenceCatalog(Process server, string folder, Uri uri) => (_server, _folder, Uri) = (server, folder, uri);

    public Uri Uri { get; }

    public string WarehouseFolder => Path.Combine(_folder, "warehouse");

    /// <summary>What the server printed, for a failing test to show.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts the server and waits until it answers; about two seconds.</summary>
    public static Task<ReferenceCatalog> StartAsync() => StartAsync(folder => "file://" + Directory.CreateDirectory(Path.Combine(folder, "warehouse")).FullName, variables: null);

    /// <summary>As <see cref="StartAsync()"/>, its warehouse in a bucket of a store.</summary>
    public static Task<ReferenceCatalog> StartAsync(S3Server store, string bucket) => StartAsync(_ => $"s3://{bucket}/warehouse", store.Variables);

    /// <summary>As <see cref="StartAsync()"/>, on tables that are in a database already: those of a SQL catalog named <c>philotes</c>.</summary>
    public static Task<ReferenceCatalog> StartOnAsync(string connectionString, string warehouse)
    {
        var db = new NpgsqlConnectionStringBuilder(connectionString);
        return StartAsync(_ => warehouse, new Dictionary<string, string> { ["CATALOG_CATALOG_NAME"] = "philotes", ["LOG"] = "error" }, $"jdbc:postgresql://{db.Host}:{db.Port}/{db.Database}", db.Username!, db.Password ?? "");
    }

    static async Task<ReferenceCatalog> StartAsync(Func<string, string> warehouseIn, IReadOnlyDictionary<string, string>? variables, params IReadOnlyList<string> database)
    {
        var script = Peers.Path("catalog.sh");
        Peers.Java();
        var folder = Directory.CreateTempSubdirectory("reference-catalog-").FullName;
        var warehouse = warehouseIn(folder);
        var port = Peers.FreePort().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("bash", [script, port, warehouse, .. database]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var server = Process.Start(start)!;
        var catalog = new ReferenceCatalog(server, folder, new Uri($"http://127.0.0.1:{port}"));
        catalog.CollectLog();
        await catalog.WaitUntilReadyAsync();
        return catalog;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_server.HasExited)
        {
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync();
        }

        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    void CollectLog()
    {
        _server.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _server.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
    }

    async Task WaitUntilReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = Uri };
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var clock = Stopwatch.StartNew();
        while (await poll.WaitForNextTickAsync())
        {
            if (await AnswersAsync(http))
            {
                return;
            }

            if (_server.HasExited || clock.Elapsed > StartLimit)
            {
                var log = Log;
                await DisposeAsync();
                throw new InvalidOperationException($"The reference catalog did not start: {log}");
            }
        }
    }

    static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var reply = await http.GetAsync(new Uri("v1/config", UriKind.Relative));
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
