using Npgsql;

namespace Philotes.Capture.Tests;

/// <summary>On real servers: what is refused before a single event is read.</summary>
[CancelAfter(180_000)]
internal sealed class ContinuityTests
{
    [Test]
    public async Task A_slot_that_moved_ahead_is_refused_with_PH105(CancellationToken token)
    {
        await using var rig = await StoppedAsync(token);
        await rig.ExecuteAsync("insert into t values (7)", token);
        await rig.ExecuteAsync($"select pg_replication_slot_advance('{rig.Settings.SlotName}', pg_current_wal_lsn())", token);
        await RefusedAsync(rig, "PH105", token);
        Assert.That(await rig.EventsAsync(token), Is.Empty);
    }

    [Test]
    public async Task A_recreated_slot_is_refused_with_PH105(CancellationToken token)
    {
        await using var rig = await StoppedAsync(token);
        await rig.ExecuteAsync($"select pg_drop_replication_slot('{rig.Settings.SlotName}')", token);
        await rig.ExecuteAsync("insert into t values (7)", token);
        await rig.ExecuteAsync($"select pg_create_logical_replication_slot('{rig.Settings.SlotName}', 'pgoutput')", token);
        await RefusedAsync(rig, "PH105", token);
    }

    [Test]
    public async Task A_missing_slot_is_refused_with_PH102(CancellationToken token)
    {
        await using var rig = await StoppedAsync(token);
        await rig.ExecuteAsync($"select pg_drop_replication_slot('{rig.Settings.SlotName}')", token);
        await RefusedAsync(rig, "PH102", token);
    }

    [Test]
    public async Task Another_cluster_is_refused_with_PH101(CancellationToken token)
    {
        await using var rig = await StoppedAsync(token);
        await using var change = rig.Buffer.CreateCommand("update philotes.source set system_identifier = '42'");
        await change.ExecuteNonQueryAsync(token);
        await RefusedAsync(rig, "PH101", token);
    }

    [Test]
    public async Task A_slot_of_another_plugin_is_refused_with_PH103(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync($"select pg_create_physical_replication_slot('{rig.Settings.SlotName}')", token);
        await RefusedAsync(rig, "PH103", token);
    }

    [Test]
    public async Task A_server_behind_the_buffer_is_refused_with_PH108(CancellationToken token)
    {
        await using var rig = await StoppedAsync(token);
        await using var change = rig.Buffer.CreateCommand("update philotes.source set durable_lsn = 'FFFF/0'");
        await change.ExecuteNonQueryAsync(token);
        await RefusedAsync(rig, "PH108", token);
    }

    [Test]
    public async Task A_slot_that_somebody_reads_is_waited_for_with_PH109_and_its_reader_keeps_the_fence(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var first = await rig.StartAsync(token);
        await using var second = RunningCapture.Start(rig);
        var refusal = CaptureFailure.Of(await second.FailureAsync());
        Assert.That(refusal.Code, Is.EqualTo("PH109"));
        Assert.That(refusal.Reason, Does.Contain("philotes-capture"));

        await rig.ExecuteAsync("insert into t values (1)", token);
        await rig.CaughtUpAsync(token);
        Assert.That(await rig.EventsAsync(token), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_publication_that_is_not_ours_must_exist(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { ManagedPublication = false };
        await RefusedAsync(rig, "PH110", token);
    }

    [Test]
    public async Task A_wrong_password_is_PH122_and_a_role_that_may_not_replicate_PH121(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        var connection = new NpgsqlConnectionStringBuilder(rig.Settings.SourceConnection());
        rig.Settings = rig.Settings with { SourceConnection = () => connection.ConnectionString };
        var password = connection.Password;
        connection.Password = "wrong";
        await FailsAsync(rig, "PH122", stops: false);

        connection.Password = password;
        await rig.ExecuteAsync($"create role reader_{rig.Settings.SourceName} login password 'reader'", token);
        (connection.Username, connection.Password) = ($"reader_{rig.Settings.SourceName}", "reader");
        await FailsAsync(rig, "PH121", stops: true);
    }

    /// <summary>A rig whose capture ran and stopped, with nothing left to read.</summary>
    private static async Task<CaptureRig> StoppedAsync(CancellationToken token)
    {
        var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CaughtUpAsync(token);
        await capture.StopAsync();
        return rig;
    }

    private static Task RefusedAsync(CaptureRig rig, string code, CancellationToken token) => FailsAsync(rig, code, stops: true).WaitAsync(token);

    private static async Task FailsAsync(CaptureRig rig, string code, bool stops)
    {
        await using var capture = RunningCapture.Start(rig);
        var caught = await capture.FailureAsync();
        var failure = CaptureFailure.Of(caught);
        Assert.That((failure.Code, failure.Stops), Is.EqualTo((code, stops)), caught.ToString());
    }
}
