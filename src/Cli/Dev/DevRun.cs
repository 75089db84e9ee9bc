using System.Globalization;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Philotes.BatchWriter;
using Philotes.Buffer;
using Philotes.Capture;
using Philotes.Catalog;
using Philotes.Hosting;
using Philotes.Hosting.Embedded;

namespace Philotes.Cli.Dev;

/// <summary>One process with everything in it, until Ctrl-C. What it wrote stays in its folder, and the next run goes on from there.</summary>
sealed class DevRun(DevOptions options, TextWriter output)
{
    const string BufferName = "philotes";
    const string CatalogName = "philotes_catalog";
    static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(5);
    static readonly TimeSpan CopyInterval = TimeSpan.FromSeconds(1);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var postgres = new EmbeddedPostgresOptions { DataFolder = Path.Combine(options.Folder, "postgres") };
        await using var server = await EmbeddedPostgres.StartAsync(postgres, cancellationToken);
        await CreateDatabasesAsync(server, cancellationToken);
        await using var buffer = NpgsqlDataSource.Create(server.ConnectionString(BufferName));
        await new SchemaMigrator(buffer).UpAsync(cancellationToken);
        var warehouse = Path.Combine(options.Folder, "warehouse");
        Directory.CreateDirectory(warehouse);
        await using var catalog = await EmbeddedCatalog.StartAsync(
            new EmbeddedCatalogOptions { ConnectionString = server.ConnectionString(CatalogName), Warehouse = new Uri(warehouse).AbsoluteUri }, cancellationToken);
        var philotes = Options(server, catalog.Uri);
        SayWhatHappens(server, catalog.Uri, warehouse, await DevConfiguration.WriteAsync(options, server, BufferName, catalog.Uri, cancellationToken));
        using var host = PhilotesHost.Build(PhilotesProcess.Cli, philotes, services => services.AddCapture(philotes).AddBatchWriter(philotes));
        return await RunHostAsync(host, buffer, cancellationToken);
    }

    async Task<int> RunHostAsync(IHost host, NpgsqlDataSource buffer, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var status = ReportAsync(buffer, ended.Token);
        var exitCode = await PhilotesHost.RunAsync(host, cancellationToken);
        await ended.CancelAsync();
        await status;
        return exitCode == ExitCode.Ok ? Environment.ExitCode : exitCode;
    }

    async Task ReportAsync(NpgsqlDataSource buffer, CancellationToken cancellationToken)
    {
        var status = new BufferStatus(buffer);
        await using var watch = new CopyWatch(buffer);
        var progress = WorkProgress.Of(output, keepsLines: true);
        try
        {
            while (true)
            {
                await Task.Delay(watch.Copies.Any(table => table.IsUnfinished) ? CopyInterval : StatusInterval, TimeProvider.System, cancellationToken);
                progress.Show(watch.Beside(Line(await status.ReadAsync(cancellationToken))), watch.Copies);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    static string Line(StatusReport report)
    {
        var blocked = report.Tables.Count(table => table.State == "blocked");
        var stale = report.Tables.Select(table => Freshness.Of(table, report.At)).DefaultIfEmpty(TimeSpan.Zero).Max();
        return string.Create(CultureInfo.InvariantCulture,
            $"{report.At.UtcDateTime:HH:mm:ss}Z  {(report.Sources is [var source, ..] ? source.State : "starting")}  {report.Tables.Count} tables  {report.Tables.Sum(table => table.RowsIn):N0} changes buffered  {report.Tables.Sum(table => table.RowsOut):N0} in the lake  {Amounts.Age(stale)} behind{(blocked > 0 ? $"  {blocked} BLOCKED" : "")}");
    }

    void SayWhatHappens(EmbeddedPostgres server, Uri catalog, string warehouse, string configuration) => output.WriteLine(
        $"""
        Source     {options.Source}. Created there if missing: publication {DevOptions.Publication} and replication slot {DevOptions.Slot}. The slot keeps
                   the source's log while this does not run; when you are done with it for good:
                     select pg_drop_replication_slot('{DevOptions.Slot}'); drop publication {DevOptions.Publication};
        Buffer     psql -h 127.0.0.1 -p {server.Port} -U {EmbeddedPostgres.User} {BufferName}   (password in {Path.Combine(server.DataFolder, "philotes.password")})
        Catalog    {catalog}   (Iceberg REST)
        Warehouse  {warehouse}
        Look       PHILOTES_CONFIG={configuration} philotes status   (and every other command)
        Ctrl-C ends it; the next start goes on where this one ends.
        """);

    PhilotesOptions Options(EmbeddedPostgres server, Uri catalog) => new()
    {
        Source = new SourceOptions
        {
            Name = "dev",
            Connection = options.Source,
            Slot = DevOptions.Slot,
            Publication = new PublicationOptions { Name = DevOptions.Publication },
        },
        Buffer = new BufferOptions { Connection = Connection(server, BufferName) },
        Writer = new WriterOptions { Memory = ByteSize.FromMebibytes(512) },
        Lake = new LakeOptions { Catalog = new LakeCatalogOptions { Uri = catalog } },
        Defaults = new TableDefaults { Commit = new CommitOptions { MaxAge = TimeSpan.FromSeconds(5) } },
        Tables = [.. options.Tables.Select(pattern => new TableRule { Match = pattern })],
        Observability = new ObservabilityOptions { LogLevel = LogVerbosity.Warning, LogFormat = LogFormat.Text },
    };

    static ConnectionOptions Connection(EmbeddedPostgres server, string database) => new()
    {
        Host = server.Host,
        Port = server.Port,
        Database = database,
        User = EmbeddedPostgres.User,
        Password = Secret.Inline(server.Password),
        Tls = Tls.Disable,
    };

    static async Task CreateDatabasesAsync(EmbeddedPostgres server, CancellationToken cancellationToken)
    {
        await using var admin = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        foreach (var database in new[] { BufferName, CatalogName })
        {
            await using var exists = admin.CreateCommand("select 1 from pg_database where datname = $1");
            exists.Parameters.Add(new NpgsqlParameter { Value = database });
            if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
                continue;
            await using var create = admin.CreateCommand($"create database {database}");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
