using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using NUnit.Framework;
using Philotes.Hosting.Embedded;

namespace Philotes.Testing;

/// <summary>
/// A Postgres server of one test assembly, in a folder of its own that goes with it. Start it once in a <c>[SetUpFixture]</c> and take a
/// fresh database per test: <c>var database = await server.CreateDatabaseAsync()</c>.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<(int Version, string? Installation), Lazy<Task<string>>> Initialised = new();
    private static int _databases;
    private readonly string _folder;
    private readonly EmbeddedPostgresOptions _options;

    private PostgresServer(string folder, EmbeddedPostgresOptions options, EmbeddedPostgres server)
    {
        _folder = folder;
        _options = options;
        Server = server;
    }

    public EmbeddedPostgres Server { get; private set; }

    public string Host => Server.Host;

    public int Port => Server.Port;

    public string ConnectionString(string database) => Server.ConnectionString(database);

    /// <summary>Debian's Postgres 15 where its package of PostGIS is installed, which only it loads; else null.</summary>
    public static string? WithPostGis { get; } =
        File.Exists("/usr/share/postgresql/15/extension/postgis.control") && File.Exists("/usr/lib/postgresql/15/bin/postgres") ? "/usr/lib/postgresql/15" : null;

    /// <summary>Starts a server, or ends the test: ignored on a laptop without Postgres, failed where CI=true.</summary>
    /// <param name="installation">A folder with <c>bin</c> and <c>lib</c>; null takes the first of that version.</param>
    public static async Task<PostgresServer> StartAsync(
        int majorVersion = 15, IReadOnlyDictionary<string, string>? settings = null, bool fsync = false, string? installation = null)
    {
        if (installation is null && !EmbeddedPostgres.IsAvailable(majorVersion))
        {
            Prerequisite.Missing($"Postgres {majorVersion} (run 'npm ci' in native/)");
        }

        var folder = Directory.CreateTempSubdirectory("philotes-pg-").FullName;
        var options = new EmbeddedPostgresOptions
        {
            DataFolder = Path.Combine(folder, "data"),
            Port = Peers.FreePort(),
            MajorVersion = majorVersion,
            Installation = installation,
            Fsync = fsync,
            Settings = settings ?? new Dictionary<string, string>(),
        };
        await ChildProcess.RunAsync("cp", ["--archive", "--reflink=auto", await Initialised.GetOrAdd((majorVersion, installation), InitialisedOnce).Value, options.DataFolder]);
        return new PostgresServer(folder, options, await EmbeddedPostgres.StartAsync(options));
    }

    // A second of CPU that every server of the assembly would take otherwise.
    private static Lazy<Task<string>> InitialisedOnce((int Version, string? Installation) server) => new(async () =>
    {
        var folder = Directory.CreateTempSubdirectory("philotes-pg-new-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var data = Path.Combine(folder, "data");
        await EmbeddedPostgres.InitialiseAsync(new EmbeddedPostgresOptions { DataFolder = data, MajorVersion = server.Version, Installation = server.Installation, Fsync = false });
        return data;
    });

    /// <summary>Creates an empty database and returns its connection string.</summary>
    /// <param name="options">What stands behind the name, such as an encoding.</param>
    public async Task<string> CreateDatabaseAsync(string? name = null, string options = "")
    {
        name ??= string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _databases)}_{Environment.ProcessId}");
        await using var admin = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var command = admin.CreateCommand($"create database \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" {options}");
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>kill -9 of the whole server, then a start on the same folder and port.</summary>
    public async Task CrashAndRestartAsync()
    {
        await Server.KillAsync();
        await RestartAsync();
    }

    /// <summary>A fast shutdown, then a start on the same folder and port.</summary>
    public async Task StopAndRestartAsync()
    {
        await Server.StopAsync();
        await RestartAsync();
    }

    /// <summary>A standby of this server: its folder is copied while the server is stopped for a moment. Call it before anybody is connected.</summary>
    /// <param name="settings">Beside those that the server itself has, in the file that ALTER SYSTEM writes.</param>
    public async Task<PostgresServer> StandbyAsync(IReadOnlyDictionary<string, string> settings)
    {
        var folder = Directory.CreateTempSubdirectory("philotes-pg-standby-").FullName;
        var options = _options with { DataFolder = Path.Combine(folder, "data"), Port = Peers.FreePort() };
        var primary = string.Create(CultureInfo.InvariantCulture, $"primary_conninfo = 'host={Host} port={Port} user={EmbeddedPostgres.User} password={Server.Password}'");
        await Server.StopAsync();
        await ChildProcess.RunAsync("cp", ["--archive", _options.DataFolder, options.DataFolder]);
        await File.AppendAllLinesAsync(Path.Combine(options.DataFolder, "postgresql.auto.conf"), [primary, .. settings.Select(setting => $"{setting.Key} = '{setting.Value}'")]);
        await File.WriteAllTextAsync(Path.Combine(options.DataFolder, "standby.signal"), "");
        await RestartAsync();
        return new PostgresServer(folder, options, await EmbeddedPostgres.StartAsync(options));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RestartAsync()
    {
        var port = Server.Port;
        await Server.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        Server = await EmbeddedPostgres.StartAsync(_options with { Port = port });
    }
}
