using System.Globalization;
using Npgsql;
using NUnit.Framework;
using Philotes.Buffer;

namespace Philotes.Testing;

/// <summary>
/// One whole pipeline in a folder of its own: a source database, a buffer database and a catalog database on real Postgres, the embedded
/// catalog, capture and batch writer as processes, the warehouse as a folder.
/// </summary>
public sealed class Pipeline : IAsyncDisposable
{
    private readonly string _folder;

    private Pipeline(PostgresServer source, string sourceDatabase, string bufferDatabase, string folder, int catalogPort)
    {
        _folder = folder;
        SourceConnection = sourceDatabase;
        BufferConnection = bufferDatabase;
        CatalogUri = $"http://127.0.0.1:{catalogPort.ToString(CultureInfo.InvariantCulture)}";
        Source = NpgsqlDataSource.Create(sourceDatabase);
        Buffer = NpgsqlDataSource.Create(bufferDatabase);
        SourceServer = source;
    }

    public PostgresServer SourceServer { get; }

    public string SourceConnection { get; }

    public string BufferConnection { get; }

    public NpgsqlDataSource Source { get; }

    public NpgsqlDataSource Buffer { get; }

    public string CatalogUri { get; }

    public string Warehouse => Path.Combine(_folder, "warehouse");

    public string ConfigurationFile => Path.Combine(_folder, "philotes.yaml");

    public ProgramProcess? Capture { get; private set; }

    public ProgramProcess? Writer { get; private set; }

    public ProgramProcess? Catalog { get; private set; }

    /// <summary>Databases, buffer schema, configuration and catalog; capture and writer are not started.</summary>
    public static Task<Pipeline> CreateAsync(PostgresServer source, PostgresServer buffer, string extraYaml = "", CancellationToken cancellationToken = default) =>
        CreateAsync(source, buffer, new PipelineShape { Extra = extraYaml }, cancellationToken);

    public static async Task<Pipeline> CreateAsync(PostgresServer source, PostgresServer buffer, PipelineShape shape, CancellationToken cancellationToken = default)
    {
        var folder = Directory.CreateTempSubdirectory("philotes-e2e-").FullName;
        var port = Peers.FreePort();
        var sourceDatabase = await source.CreateDatabaseAsync();
        var bufferDatabase = await buffer.CreateDatabaseAsync();
        var catalogDatabase = await buffer.CreateDatabaseAsync();
        var pipeline = new Pipeline(source, sourceDatabase, bufferDatabase, folder, port);
        Directory.CreateDirectory(pipeline.Warehouse);
        await File.WriteAllTextAsync(pipeline.ConfigurationFile, pipeline.Yaml(catalogDatabase, port, shape), cancellationToken);
        await new SchemaMigrator(pipeline.Buffer).UpAsync(cancellationToken);
        await pipeline.StartCatalogAsync(cancellationToken);
        return pipeline;
    }

    public void StartCapture(string? failpoints = null, params string[] arguments) => Capture = ProgramProcess.Start("Capture", ConfigurationFile, failpoints, arguments);

    public void StartWriter(string? failpoints = null, params string[] arguments) => Writer = ProgramProcess.Start("BatchWriter", ConfigurationFile, failpoints, arguments);

    public ProgramProcess StartSecond(string project) => ProgramProcess.Start(project, ConfigurationFile, null, "--set", "observability.capture_listen=127.0.0.1:0", "--set", "observability.writer_listen=127.0.0.1:0");

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>One value from the buffer.</summary>
    public async Task<T> BufferAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = Buffer.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Waits until capture reads its slot. One that is being made is active too, by a session that does not replicate: what commits then may lie before its start.</summary>
    public Task SlotActiveAsync(CancellationToken cancellationToken) => Until.TrueAsync(
        async () =>
        {
            await using var command = Source.CreateCommand("select count(*) from pg_replication_slots s join pg_stat_replication r on r.pid = s.active_pid where not s.temporary and s.database = current_database()");
            return await command.ExecuteScalarAsync(cancellationToken) is 1L || (Capture is { HasExited: true } ? throw new InvalidOperationException(Describe()) : false);
        },
        Describe,
        cancellationToken);

    public async Task<string> SourcePositionAsync(CancellationToken cancellationToken)
    {
        await using var position = Source.CreateCommand("select pg_current_wal_insert_lsn()::text");
        return (string)(await position.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Waits until the buffer holds everything up to a position of the source.</summary>
    public Task DurableAsync(string position, CancellationToken cancellationToken) =>
        Until.TrueAsync(() => IsTrueAsync("select bool_and(durable_lsn >= $1::pg_lsn) from philotes.source", position, cancellationToken), Describe, cancellationToken);

    /// <summary>Waits until the lake has everything that the buffer holds, and no table's changes wait for its copy.</summary>
    public Task CommittedAsync(CancellationToken cancellationToken) =>
        Until.TrueAsync(() => IsTrueAsync("select not exists (select from philotes.table_head h join philotes.table_cursor k using (table_id) where h.head_seq > k.committed_seq or h.held) and $1 = ''", "", cancellationToken), Describe, cancellationToken);

    /// <summary>Waits until the lake has every change up to a position that the buffer has reached.</summary>
    public Task CommittedUpToAsync(string position, CancellationToken cancellationToken) =>
        Until.TrueAsync(
            () => IsTrueAsync("select not exists (select from philotes.chunk c join philotes.table_cursor k using (table_id) where c.first_lsn <= $1::pg_lsn and c.table_seq > k.committed_seq)", position, cancellationToken),
            Describe, cancellationToken);

    /// <summary>
    /// Waits until everything that the source has committed by now is in the lake, and no table's changes wait for its copy. What is committed meanwhile is not waited for: under load there
    /// may be no moment in which the lake has everything. The deadline is the caller's token.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var position = await SourcePositionAsync(cancellationToken);
        await DurableAsync(position, cancellationToken);
        await Until.TrueAsync(() => IsTrueAsync("""
            select not exists (
                select from philotes.table_head h join philotes.table_cursor k using (table_id)
                where h.held or (h.head_seq > k.committed_seq and exists (
                    select from philotes.chunk c where c.table_id = k.table_id and c.table_seq > k.committed_seq and (c.copied or c.first_lsn <= $1::pg_lsn))))
            """, position, cancellationToken), Describe, cancellationToken);
    }

    /// <summary>What both processes last said, for the message of a failed test.</summary>
    public string Describe() =>
        $"capture: {State(Capture)}{Environment.NewLine}writer: {State(Writer)}";

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { Capture, Writer, Catalog })
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }

        await DropSlotsAsync();
        await Source.DisposeAsync();
        await Buffer.DisposeAsync();
        await WrittenFiles.CheckAsync(Warehouse);
        // PHILOTES_KEEP=1 leaves the warehouse and the configuration of a failed run to be looked at.
        if (Environment.GetEnvironmentVariable("PHILOTES_KEEP") != "1")
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>A server has few slots, and one that nobody reads holds its log. Its sessions end a moment after their clients; a server that a test has stopped is left.</summary>
    private async Task DropSlotsAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await using var end = Source.CreateCommand("select pg_terminate_backend(active_pid) from pg_replication_slots where database = current_database() and active_pid is not null");
            await end.ExecuteNonQueryAsync();
            await Until.TrueAsync(
                async () =>
                {
                    await using var drop = Source.CreateCommand("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database() and not active and not temporary");
                    await drop.ExecuteNonQueryAsync();
                    await using var left = Source.CreateCommand("select count(*) from pg_replication_slots where database = current_database() and not temporary");
                    return await left.ExecuteScalarAsync() is 0L;
                },
                () => "It is still read.", limit.Token);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            await TestContext.Out.WriteLineAsync($"The slot stays: {e.Message}");
        }
    }

    private async Task<bool> IsTrueAsync(string question, string position, CancellationToken cancellationToken)
    {
        if (Capture is { HasExited: true, WasTerminated: false } || Writer is { HasExited: true, WasTerminated: false })
        {
            throw new InvalidOperationException($"A process ended by itself.{Environment.NewLine}{Describe()}");
        }

        await using var command = Buffer.CreateCommand(question);
        command.Parameters.AddWithValue(NpgsqlTypes.NpgsqlDbType.Text, position);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Starts the catalog and waits until it answers.</summary>
    public async Task StartCatalogAsync(CancellationToken cancellationToken)
    {
        Catalog = ProgramProcess.Start("Catalog", ConfigurationFile);
        using var http = new HttpClient();
        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri($"{CatalogUri}/v1/config"), cancellationToken);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return Catalog.HasExited ? throw new InvalidOperationException($"catalog: {State(Catalog)}") : false;
                }
            },
            () => $"catalog: {State(Catalog)}",
            cancellationToken);
    }

    private string Yaml(string catalogDatabase, int catalogPort, PipelineShape shape) => $"""
        version: 1
        source:
          name: shop
          connection: {Connection(SourceConnection)}
          slot: philotes_{new NpgsqlConnectionStringBuilder(SourceConnection).Database}
          flush: {"{"} max_rows: 20000 {"}"}
        {shape.Source}
        buffer:
          connection: {Connection(BufferConnection)}
        writer: {"{"} every: 200ms, lease: 5s, parallelism: 2, memory: 256MiB {"}"}
        lake:
          catalog: {"{"} uri: "{(shape.CatalogProxy is { } proxy ? proxy(new Uri(CatalogUri)).OriginalString.TrimEnd('/') : CatalogUri)}"{shape.Catalog} {"}"}
        {shape.Lake}
        catalog:
          listen: 127.0.0.1:{catalogPort.ToString(CultureInfo.InvariantCulture)}
          connection: {Connection(catalogDatabase)}
          warehouse: "{shape.Warehouse ?? new Uri(Warehouse).AbsoluteUri}"
        defaults:
          commit: {"{"} min_rows: 5000, max_age: {shape.MaxAge} {"}"}
        {shape.Defaults}
        tables:
          - match: "{shape.Match}"
        observability: {"{"} capture_listen: "127.0.0.1:0", writer_listen: "127.0.0.1:0" {"}"}
        {shape.Extra}
        """;

    private static string Connection(string text)
    {
        var builder = new NpgsqlConnectionStringBuilder(text);
        return $$"""{ host: {{builder.Host}}, port: {{builder.Port.ToString(CultureInfo.InvariantCulture)}}, database: {{builder.Database}}, user: {{builder.Username}}, password: "{{builder.Password}}", tls: disable }""";
    }

    private static string State(ProgramProcess? process) => process is null ? "not started"
        : $"{(process.HasExited ? $"ended with {process.ExitCode}" : "running")}; it said:{Environment.NewLine}{Tail(process.Output)}";

    private static string Tail(string text) => text.Length <= 4_000 ? text : text[^4_000..];
}
