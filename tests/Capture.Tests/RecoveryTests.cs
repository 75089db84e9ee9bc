using Npgsql;
using Philotes.Buffer;

namespace Philotes.Capture.Tests;

[CancelAfter(300_000)]
internal sealed class RecoveryTests
{
    [Test]
    public async Task A_restart_in_the_middle_neither_loses_nor_repeats(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { FlushRows = 50 };
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await (await rig.StartAsync(token)).StopAsync();
        using var enough = new CancellationTokenSource();
        var writing = WriteAsync(rig, enough.Token);
        for (var round = 0; round < 6; round++)
        {
            await using var capture = await rig.StartAsync(token);
            await Task.Delay(150, token);
            await KillWalsenderAsync(rig, token);
            var failure = await capture.FailureAsync().WaitAsync(token);
            Assert.That(CaptureFailure.Of(failure).Stops, Is.False, failure.ToString());
        }

        await enough.CancelAsync();
        var written = await writing;
        await using (await rig.StartAsync(token))
        {
            await rig.CaughtUpAsync(token);
        }

        var events = await rig.EventsAsync(token);
        Assert.That(events.Select(e => int.Parse(e.New![0]!, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(Enumerable.Range(1, written)));
        Assert.That(await rig.BufferAsync<long>("select sum(row_count)::bigint from philotes.chunk", token), Is.EqualTo(written));
    }

    [Test]
    public async Task An_orderly_stop_flushes_and_acknowledges(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { FlushDelay = TimeSpan.FromMinutes(1), IdleAdvance = TimeSpan.FromMinutes(1) };
        // Capture says every four seconds what it has received.
        await rig.ExecuteAsync($"create table t (id int primary key); alter database {await rig.SourceAsync<string>("select quote_ident(current_database())", token)} set wal_sender_timeout = '12s'", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into t values (1)", token);
        var position = await rig.SourceAsync<string>("select pg_current_wal_lsn()::text", token);
        await CaptureRig.UntilAsync(
            async () => await rig.SourceAsync<bool>($"select exists (select from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid where s.slot_name = '{rig.Settings.SlotName}' and r.write_lsn >= '{position}')", token), token);
        Assert.That(await rig.EventsAsync(token), Is.Empty);

        await capture.StopAsync();

        Assert.That(await rig.EventsAsync(token), Has.Count.EqualTo(1));
        await CaptureRig.UntilAsync(async () => await rig.ConfirmedAsync(token) == await rig.DurableAsync(token), token);
    }

    [Test]
    public async Task A_capture_that_was_overtaken_can_flush_nothing_more(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into t values (1)", token);
        await rig.CaughtUpAsync(token);

        await using var other = new BufferAppender(rig.Buffer);
        await other.BeginAsync(await rig.BufferAsync<int>("select source_id from philotes.source", token), "other", token);
        await rig.ExecuteAsync("insert into t values (2)", token);

        var failure = CaptureFailure.Of(await capture.FailureAsync().WaitAsync(token));
        Assert.That((failure.Code, failure.Stops), Is.EqualTo(("PH001", false)));
        Assert.That(await rig.EventsAsync(token), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_slot_is_acknowledged_only_after_the_buffer_committed(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into t values (0)", token);
        await rig.CaughtUpAsync(token);
        await using var blocker = await rig.Buffer.OpenConnectionAsync(token);
        await using var transaction = await blocker.BeginTransactionAsync(token);
        await using (var locking = new NpgsqlCommand("select 1 from philotes.source for update", blocker))
        {
            await locking.ExecuteNonQueryAsync(token);
        }

        var before = await rig.DurableAsync(token);
        await rig.ExecuteAsync("insert into t select generate_series(1, 1000)", token);
        await Task.Delay(1500, token);
        Assert.That(await rig.ConfirmedAsync(token), Is.LessThanOrEqualTo(before));
        Assert.That(await rig.EventsAsync(token), Has.Count.EqualTo(1));

        await transaction.RollbackAsync(token);
        await rig.CaughtUpAsync(token);
        Assert.That(await rig.EventsAsync(token), Has.Count.EqualTo(1001));
    }

    private static Task KillWalsenderAsync(CaptureRig rig, CancellationToken token) =>
        rig.ExecuteAsync($"select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '{rig.Settings.SlotName}' and active_pid is not null", token);

    /// <summary>Transactions of 1 to 200 rows, until cancelled. Returns the last id.</summary>
    private static async Task<int> WriteAsync(CaptureRig rig, CancellationToken enough)
    {
        var random = new Random(1);
        var last = 0;
        while (!enough.IsCancellationRequested)
        {
            var count = random.Next(1, 200);
            await rig.ExecuteAsync($"insert into t select generate_series({last + 1}, {last + count})", CancellationToken.None);
            last += count;
        }

        return last;
    }
}
