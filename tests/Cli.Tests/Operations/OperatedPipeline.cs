using System.Text.Json;
using Npgsql;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>A real pipeline and the command line against it. Unless a test asks for the copy, the rows that it writes arrive by the stream alone: which of them a copy would find depends on the moment.</summary>
sealed class OperatedPipeline : IAsyncDisposable
{
    OperatedPipeline(PostgresServer server, Pipeline pipeline)
    {
        Server = server;
        Pipeline = pipeline;
    }

    public PostgresServer Server { get; }

    public Pipeline Pipeline { get; }

    public static async Task<OperatedPipeline> StartAsync(string ddl, CancellationToken cancellationToken, string extraYaml = "", bool writer = true, string defaults = "", bool fsync = false, PipelineShape? shape = null)
    {
        var server = await PostgresServer.StartAsync(fsync: fsync);
        var pipeline = await Pipeline.CreateAsync(server, server, shape ?? new PipelineShape(Defaults: "  copy: never", Extra: extraYaml), cancellationToken);
        var yaml = await File.ReadAllTextAsync(pipeline.ConfigurationFile, cancellationToken);
        await File.WriteAllTextAsync(pipeline.ConfigurationFile, yaml.Replace("\ndefaults:", "\ndefaults:" + defaults, StringComparison.Ordinal), cancellationToken);
        await pipeline.ExecuteAsync(ddl, cancellationToken);
        pipeline.StartCapture();
        await pipeline.SlotActiveAsync(cancellationToken);
        if (writer)
            pipeline.StartWriter();
        return new OperatedPipeline(server, pipeline);
    }

    /// <summary>Runs a documented command line with the pipeline's configuration.</summary>
    public Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync([.. args, "--config", Pipeline.ConfigurationFile]);

    /// <summary>The same; the test ends if it fails.</summary>
    public async Task<string> OutputAsync(params string[] args)
    {
        var run = await RunAsync(args);
        Assert.That(run.ExitCode, Is.Zero, $"philotes {string.Join(' ', args)}{Environment.NewLine}{run.Output}{run.Error}{Environment.NewLine}{Pipeline.Describe()}");
        return run.Output;
    }

    /// <summary>The items of its <c>--json</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> ItemsAsync(params string[] args)
    {
        var document = JsonDocument.Parse(await OutputAsync([.. args, "--json"])).RootElement;
        Assert.That(document.GetProperty("apiVersion").GetString(), Is.EqualTo("philotes/v1"));
        return [.. document.GetProperty("items").EnumerateArray()];
    }

    public async Task<T?> BufferAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = Pipeline.Buffer.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }

    /// <summary>The rows of a changelog as icebird reads them, sorted.</summary>
    public async Task<IReadOnlyList<string>> LakeAsync(string table, string @namespace = "public")
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{Pipeline.CatalogUri}/v1/namespaces/{@namespace}/tables/{Uri.EscapeDataString(table)}")));
        return await ForeignReaders.ReadWithIcebirdAsync(json.RootElement.GetProperty("metadata-location").GetString()!);
    }

    /// <summary>Changes at the source that the stream never brings, as after a bug: capture is told that it has them, and goes on behind them.</summary>
    public async Task LoseAsync(string sql, CancellationToken cancellationToken)
    {
        await Pipeline.CatchUpAsync(cancellationToken);
        await Pipeline.Capture!.TerminateAsync(cancellationToken);
        await Pipeline.ExecuteAsync(sql, cancellationToken);
        await BufferAsync<object>($"update philotes.source set durable_lsn = '{await Pipeline.SourcePositionAsync(cancellationToken)}'", cancellationToken);
        Pipeline.StartCapture();
        await Pipeline.SlotActiveAsync(cancellationToken);
    }

    public Task UntilAsync(string question, CancellationToken cancellationToken) => Until.TrueAsync(
        async () => await BufferAsync<bool>(question, cancellationToken), () => question + Environment.NewLine + Pipeline.Describe(), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Pipeline.DisposeAsync();
        await Server.DisposeAsync();
    }
}
