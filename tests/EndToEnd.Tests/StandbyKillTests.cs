using System.Globalization;
using Npgsql;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>Capture is killed in the moment in which it has a standby's replay paused.</summary>
[NonParallelizable]
public sealed class StandbyKillTests
{
    private static readonly byte[] Pause = "pg_wal_replay_pause()"u8.ToArray();

    [Test]
    [CancelAfter(400_000)]
    public async Task Replay_goes_on_and_no_row_is_lost_or_doubled(CancellationToken cancellationToken)
    {
        await using var primary = await PostgresServer.StartAsync();
        await using var standby = await primary.StandbyAsync(new Dictionary<string, string> { ["hot_standby_feedback"] = "on", ["wal_receiver_status_interval"] = "1s" });
        await using var network = TcpProxy.Start(standby.Host, standby.Port);
        await using var pipeline = await Pipeline.CreateAsync(primary, Servers.Buffer, cancellationToken: cancellationToken);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        var truth = new Truth(clients: 4);
        // Now and then nobody writes, which is when a standby's snapshot can be taken.
        var workload = new Workload(pipeline.Source, truth, seed: 5, pauseMax: 300);
        await workload.LargeTransactionAsync(5_000, cancellationToken);
        using var stop = new CancellationTokenSource();
        var running = workload.RunAsync(stop.Token);
        var kills = 0;
        foreach (var milliseconds in new[] { 0, 0, 1, 3, 10 })
        {
            var killed = new TaskCompletionSource();
            network.Passed = async sent =>
            {
                if (sent.Span.IndexOf(Pause) >= 0)
                {
                    network.Passed = null;
                    await Task.Delay(milliseconds, CancellationToken.None);
                    await pipeline.Capture!.KillAsync();
                    killed.SetResult();
                }
            };
            StartCapture(pipeline, standby, network.Port);
            await killed.Task.WaitAsync(cancellationToken);
            kills++;
            var position = await pipeline.SourcePositionAsync(cancellationToken);
            await Until.TrueAsync(
                async () => await StandbyAsync<bool>(pipeline, standby, $"select pg_get_wal_replay_pause_state() = 'not paused' and pg_last_wal_replay_lsn() >= '{position}'", cancellationToken),
                () => $"killed {milliseconds} ms behind the pause, and the standby does not go on", cancellationToken);
        }

        StartCapture(pipeline, standby, network.Port);
        pipeline.StartWriter();
        await Until.TrueAsync(async () => await pipeline.BufferAsync<long>("select count(*) from philotes.table_copy where state = 'active'", cancellationToken) == Workload.Tables.Length, pipeline.Describe, cancellationToken);
        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(cancellationToken);
        TestContext.Out.WriteLine($"{kills} kills, {truth.Count} changes");
        await LakeChecker.CheckAsync(pipeline, truth, cancellationToken);
    }

    private static void StartCapture(Pipeline pipeline, PostgresServer standby, int port)
    {
        var connection = new NpgsqlConnectionStringBuilder(pipeline.SourceConnection);
        pipeline.StartCapture(
            null, "--set", $"source.copy.connection.host={standby.Host}", "--set", string.Create(CultureInfo.InvariantCulture, $"source.copy.connection.port={port}"), "--set", $"source.copy.connection.database={connection.Database}",
            "--set", $"source.copy.connection.user={connection.Username}", "--set", $"source.copy.connection.password={connection.Password}", "--set", "source.copy.connection.tls=disable");
    }

    private static async Task<T> StandbyAsync<T>(Pipeline pipeline, PostgresServer standby, string sql, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(pipeline.SourceConnection) { Port = standby.Port }.ConnectionString);
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
