using Npgsql;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Copy;

/// <summary>A primary and a standby that follows it.</summary>
internal sealed class Standby : IAsyncDisposable
{
    private readonly PostgresServer _primary;
    private readonly PostgresServer _standby;

    private Standby(PostgresServer primary, PostgresServer standby) => (_primary, _standby) = (primary, standby);

    public static async Task<Standby> StartAsync(string feedback = "on", int version = 15)
    {
        var primary = await PostgresServer.StartAsync(version, settings: new Dictionary<string, string> { ["max_prepared_transactions"] = "20" });
        return new Standby(primary, await primary.StandbyAsync(new Dictionary<string, string> { ["hot_standby_feedback"] = feedback, ["wal_receiver_status_interval"] = "1s" }));
    }

    /// <summary>Changes come from the primary, rows from the standby.</summary>
    public async Task<CaptureRig> RigAsync(CancellationToken cancellationToken)
    {
        var rig = await CopyRig.CreateAsync(cancellationToken, _primary);
        var standby = new NpgsqlConnectionStringBuilder(rig.Settings.SourceConnection()) { Port = _standby.Port }.ConnectionString;
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { Standby = () => standby } };
        return rig;
    }

    /// <summary>To the rig's source database on the standby.</summary>
    public string Connection(CaptureRig rig) =>
        new NpgsqlConnectionStringBuilder(rig.Source.ConnectionString) { Port = _standby.Port, Password = _standby.Server.Password }.ConnectionString;

    public async Task<T> ScalarAsync<T>(CaptureRig rig, string sql, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(Connection(rig));
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task ExecuteAsync(CaptureRig rig, string sql, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(Connection(rig));
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>kill -9 of the standby, which stays away.</summary>
    public Task KillAsync() => _standby.Server.KillAsync();

    public Task RestartAsync() => _standby.CrashAndRestartAsync();

    public async ValueTask DisposeAsync()
    {
        await _standby.DisposeAsync();
        await _primary.DisposeAsync();
    }
}
