using Npgsql;
using Philotes.Capture.Copy;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Copy;

/// <summary>Existing rows are read from a standby; what cannot be one says what to do.</summary>
[CancelAfter(300_000)]
internal sealed class StandbyCopyTests
{
    private const string Keepers = "select count(*) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()";

    [Test]
    public async Task Rows_are_read_from_the_standby_and_go_on_after_a_stop_and_nothing_stays_paused(CancellationToken token)
    {
        await using var servers = await Standby.StartAsync();
        await using var rig = await servers.RigAsync(token);
        var unhindered = rig.Settings.Copy;
        rig.Settings = rig.Settings with { Copy = unhindered.Halting() };
        await rig.ExecuteAsync("create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i", token);
        await using (var first = await rig.StartAsync(token))
        {
            await rig.PartsAsync(5, token);
            Assert.That((await rig.SourceAsync<long>(Keepers, token), await servers.ScalarAsync<long>(rig, Keepers, token)), Is.EqualTo((0L, 1L)), "the standby holds the snapshot");
            Assert.That(await servers.ScalarAsync<string>(rig, "select pg_get_wal_replay_pause_state()", token), Is.EqualTo("not paused"));
            await first.StopAsync();
        }

        await rig.ExecuteAsync("update t set pad = 'changed while nobody looked'; delete from t where id > 350", token);
        await rig.ExecuteAsync("vacuum t", token);
        rig.Settings = rig.Settings with { Copy = unhindered };
        await using var second = await rig.StartAsync(token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(1, token);
        Assert.That(await rig.BufferAsync<int>("select attempt from philotes.table_copy", token), Is.EqualTo(1), "the snapshot at the standby was taken over");
        Assert.That((await rig.EventsAsync(token)).Where(e => e.Op == 'r').Select(e => int.Parse(e.New![0]!)), Is.EqualTo(Enumerable.Range(1, 400)));
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    [Test]
    public async Task A_standby_that_dies_in_mid_copy_is_waited_for_and_the_table_copied_again_behind_a_truncate(CancellationToken token)
    {
        await using var servers = await Standby.StartAsync();
        await using var rig = await servers.RigAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy.Halting() };
        await rig.ExecuteAsync("create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i; create table other (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.BufferAsync<long>("select count(*) from philotes.copy_range where done_at is not null", token) >= 5 && await rig.CopyOfAsync("other", token) == "active", token);
        await servers.KillAsync();
        await rig.TakenUntilAsync(async () => await rig.CopyOfAsync("t", token) == "copying PH125", token);
        await rig.ExecuteAsync("insert into other values (1); update t set pad = 'changed while the standby is away' where id < 10; delete from t where id > 390", token);
        await CaptureRig.UntilAsync(async () => (await rig.EventsAsync(token)).Exists(e => e.ToString() == "other i >1"), token);

        await servers.RestartAsync();
        await rig.CaughtUpAsync(token);
        await rig.CopiedAndTakenAsync(2, token);
        var events = await rig.EventsAsync(token);
        Assert.That(await rig.BufferAsync<int>("select max(attempt) from philotes.table_copy", token), Is.EqualTo(2), "the snapshot died with its server");
        Assert.That(events.Count(e => e.Op == 't'), Is.EqualTo(1));
        Assert.That(CopyRig.Fold(events.SkipWhile(e => e.Op != 't'), "t"), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    [Test]
    public async Task What_is_wrong_with_a_standby_stands_at_the_table_until_somebody_repairs_it(CancellationToken token)
    {
        await using var servers = await Standby.StartAsync(feedback: "off");
        await using var rig = await servers.RigAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key); insert into t values (1); create role reader login replication password 'reads'; grant select on t to reader", token);
        var readFrom = rig.Settings.SourceConnection();
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { Standby = () => readFrom } };
        await using var capture = await rig.StartAsync(token);
        await SaysAsync("PH137", "does not lead to a standby");

        readFrom = new NpgsqlConnectionStringBuilder(servers.Connection(rig)) { Username = "reader", Password = "reads" }.ConnectionString;
        await SaysAsync("PH137", "alter system set hot_standby_feedback = on");

        await servers.ExecuteAsync(rig, "alter system set hot_standby_feedback = on", token);
        await servers.ExecuteAsync(rig, "select pg_reload_conf()", token);
        await SaysAsync("PH121", "grant execute on function pg_wal_replay_pause(), pg_wal_replay_resume()");

        await servers.ExecuteAsync(rig, "select pg_wal_replay_pause()", token);
        await SaysAsync("PH138", "select pg_wal_replay_resume()");
        await rig.ExecuteAsync("grant execute on function pg_wal_replay_pause(), pg_wal_replay_resume() to reader", token);
        await servers.ExecuteAsync(rig, "select pg_wal_replay_resume()", token);
        await rig.CopiedAsync(1, token);
        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EqualTo((string[])["t r >1"]));

        Task SaysAsync(string code, string remedy) => CaptureRig.UntilAsync(
            async () => await rig.CopyOfAsync("t", token) == $"waiting {code}"
                && (await rig.BufferAsync<string>("select error_text from philotes.v_copy", token)).Contains(remedy, StringComparison.Ordinal), token);
    }

    [Test]
    public async Task However_early_the_taking_of_a_snapshot_is_cancelled_replay_goes_on(CancellationToken token)
    {
        await using var servers = await Standby.StartAsync();
        await using var rig = await servers.RigAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await CaptureRig.UntilAsync(async () => await servers.ScalarAsync<bool>(rig, "select to_regclass('t') is not null", token), token);
        var (taken, cancelled) = (0, 0);
        for (var attempt = 0; attempt < 60; attempt++)
        {
            // The server ends what was sent to it, whether or not somebody is there: the next one may be quicker than that.
            await GoesOnAsync();
            await using var standby = await CopyConnection.OpenAsync(servers.Connection(rig), token);
            using var early = new CancellationTokenSource();
            var taking = StandbySnapshot.TakeAsync(standby, Lsn.Zero, early.Token);
            early.CancelAfter(TimeSpan.FromMilliseconds(attempt * 0.5));
            try
            {
                await taking;
                taken++;
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
        }

        TestContext.Out.WriteLine($"{taken} taken, {cancelled} cancelled");
        Assert.That(cancelled, Is.GreaterThan(0));
        await GoesOnAsync();

        async Task GoesOnAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
            limit.CancelAfter(TimeSpan.FromMinutes(1));
            await Until.TrueAsync(
                async () => await servers.ScalarAsync<string>(rig, "select pg_get_wal_replay_pause_state()", token) == "not paused", () => $"replay stays paused after {taken} taken and {cancelled} cancelled", limit.Token);
        }
    }

    [Test]
    public async Task A_session_that_is_ended_in_its_pause_leaves_nothing_paused(CancellationToken token)
    {
        await using var servers = await Standby.StartAsync();
        await using var rig = await servers.RigAsync(token);
        var ended = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var ending = EndAsync();
        while (Volatile.Read(ref ended) < 5)
        {
            await using var standby = await CopyConnection.OpenAsync(servers.Connection(rig), token);
            try
            {
                await StandbySnapshot.TakeAsync(standby, Lsn.Zero, token);
            }
            catch (Exception e) when (e is NpgsqlException or PhilotesException)
            {
                Assert.That(await servers.ScalarAsync<string>(rig, "select pg_get_wal_replay_pause_state()", token), Is.EqualTo("not paused"), e.Message);
            }
        }

        await stop.CancelAsync();
        await ending;

        async Task EndAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                var paused = await servers.ScalarAsync<long>(rig, """
                    with paused as materialized (
                      select pid from pg_stat_activity where pg_get_wal_replay_pause_state() <> 'not paused' and query like '%pg_wal_replay_pause()%' and pid <> pg_backend_pid()
                    ) select count(*) filter (where pg_terminate_backend(pid)) from paused
                    """, token);
                Interlocked.Add(ref ended, (int)paused);
            }
        }
    }

    [Test]
    public async Task A_source_that_is_a_standby_without_our_slot_is_refused_with_PH128(CancellationToken token)
    {
        await using var servers = await Standby.StartAsync();
        await using var rig = await servers.RigAsync(token);
        await CaptureRig.UntilAsync(async () => await servers.ScalarAsync<bool>(rig, "select true", token), token);
        rig.Settings = rig.Settings with { SourceConnection = rig.Settings.Copy.Standby! , Copy = CopySettings.Nothing };
        var failure = await RunningCapture.Start(rig).FailureAsync();
        Assert.That(failure, Is.InstanceOf<PhilotesException>().With.Property(nameof(PhilotesException.Code)).EqualTo("PH128"));
        Assert.That(failure.Message, Does.Contain("Point source.connection at the primary"));
    }
}
