using Philotes.Testing;

namespace Philotes.Capture.Tests;

/// <summary>Servers that cannot give what capture needs, or lost what it had: each is refused before a single event is read, and says what now.</summary>
[CancelAfter(300_000)]
internal sealed class ServerTroubleTests
{
    [Test]
    public async Task A_server_without_logical_decoding_is_refused_with_PH123(CancellationToken token)
    {
        await using var server = await PostgresServer.StartAsync(settings: new Dictionary<string, string> { ["wal_level"] = "replica" });
        await using var rig = await CaptureRig.CreateAsync(token, server);

        await RefusedAsync(rig, "PH123", "wal_level is replica", "alter system set wal_level = logical");
    }

    [Test]
    public async Task A_server_without_a_free_slot_is_refused_with_PH124(CancellationToken token)
    {
        await using var server = await PostgresServer.StartAsync(settings: new Dictionary<string, string> { ["max_replication_slots"] = "1" });
        await using var rig = await CaptureRig.CreateAsync(token, server);
        await rig.ExecuteAsync("select pg_create_physical_replication_slot('somebody_elses')", token);

        await RefusedAsync(rig, "PH124", "no free replication slot", "raise max_replication_slots");
    }

    [Test]
    public async Task A_slot_that_the_server_gave_up_is_refused_with_PH104(CancellationToken token)
    {
        await using var server = await PostgresServer.StartAsync(settings: new Dictionary<string, string> { ["max_slot_wal_keep_size"] = "1MB", ["max_wal_size"] = "48MB" });
        await using var rig = await StoppedAsync(server, token);
        for (var segment = 0; segment < 5; segment++)
        {
            await rig.ExecuteAsync("create table if not exists w (id int); insert into w values (1); select pg_switch_wal(); checkpoint", token);
        }

        await CaptureRig.UntilAsync(async () =>
        {
            await rig.ExecuteAsync("insert into w values (1); select pg_switch_wal(); checkpoint", token);
            return await rig.SourceAsync<string>("select wal_status from pg_replication_slots", token) == "lost";
        }, token);

        await RefusedAsync(rig, "PH104", "is invalidated", "copy the tables again");
    }

    [Test]
    public async Task A_server_on_a_new_timeline_goes_on_where_the_old_one_ended_and_is_refused_where_it_did_not(CancellationToken token)
    {
        await using var server = await PostgresServer.StartAsync(settings: new Dictionary<string, string> { ["restore_command"] = "false" });
        await using var rig = await StoppedAsync(server, token);
        var signal = Path.Combine(server.Server.DataFolder, "recovery.signal");
        await File.WriteAllTextAsync(signal, "", token);
        await server.StopAndRestartAsync();
        rig.Source.Clear();
        await CaptureRig.UntilAsync(async () => !await rig.SourceAsync<bool>("select pg_is_in_recovery()", token), token);
        Assert.That(await rig.SourceAsync<int>("select timeline_id from pg_control_checkpoint()", token), Is.EqualTo(2), "the server must have been promoted");

        await using (var capture = await rig.StartAsync(token))
        {
            await rig.ExecuteAsync("insert into t values (7)", token);
            await rig.CaughtUpAsync(token);
            await capture.StopAsync();
        }

        Assert.That(await rig.EventsAsync(token), Has.Count.EqualTo(1));
        Assert.That(await rig.BufferAsync<int>("select timeline from philotes.source", token), Is.EqualTo(2));

        await BufferAsync(rig, "update philotes.source set timeline = 1, durable_lsn = 'FF/0'", token);
        await RefusedAsync(rig, "PH107", "were captured that this server never committed", "Copy the tables changed since");
        await BufferAsync(rig, "update philotes.source set timeline = 7", token);
        await RefusedAsync(rig, "PH106", "does not know how timeline 7 ended", "Copy the tables again");
    }

    [Test]
    public async Task A_source_that_cannot_be_reached_is_PH125_and_says_which(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { SourceConnection = () => "Host=127.0.0.1;Port=1;Database=shop;Username=u;Timeout=5" };

        await RefusedAsync(rig, "PH125", "127.0.0.1:1/shop", "check that it runs", stops: false);
    }

    [Test]
    public async Task A_database_that_does_not_exist_is_PH127(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { SourceConnection = () => Servers.Postgres.ConnectionString("no_such_database") };

        await RefusedAsync(rig, "PH127", "no_such_database", "Correct source.connection.database");
    }

    private static async Task BufferAsync(CaptureRig rig, string sql, CancellationToken token)
    {
        await using var command = rig.Buffer.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(token);
    }

    /// <summary>A rig whose capture ran and stopped.</summary>
    private static async Task<CaptureRig> StoppedAsync(PostgresServer server, CancellationToken token)
    {
        var rig = await CaptureRig.CreateAsync(token, server);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CaughtUpAsync(token);
        await capture.StopAsync();
        return rig;
    }

    private static async Task RefusedAsync(CaptureRig rig, string code, string what, string whatNow, bool stops = true)
    {
        await using var capture = RunningCapture.Start(rig);
        var failure = CaptureFailure.Of(await capture.FailureAsync());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((failure.Code, failure.Stops), Is.EqualTo((code, stops)), failure.Reason);
            Assert.That(failure.Reason, Does.Contain(what).And.Contain(whatNow));
        }
    }
}
