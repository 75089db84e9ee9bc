using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Philotes.Capture.Tests;

/// <summary>The executable, as an operator or a supervisor starts it.</summary>
[CancelAfter(300_000)]
internal sealed class CaptureProgramTests
{
    [Test]
    public async Task Killed_at_every_step_it_neither_loses_nor_repeats(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key); create table u (id int primary key)", token);
        await (await rig.StartAsync(token)).StopAsync();
        var last = 0;
        string[] places = ["cap.before_copy", "cap.after_copy", "cap.before_flush", "cap.after_flush", "cap.before_ack", "cap.after_ack", "cap.mid_tx", "cap.schema_insert"];
        foreach (var place in places)
        {
            await rig.ExecuteAsync($"begin; insert into t select generate_series({last + 1}, {last + 2000}); insert into u values ({last}); commit", token);
            last += 2000;
            using var killed = Start(rig, $"{place}=exit@1");
            await killed.WaitForExitAsync(token);
            Assert.That(killed.ExitCode, Is.EqualTo(137), place);
        }

        using var whole = Start(rig, failpoints: null);
        await rig.CaughtUpAsync(token);
        await StopAsync(whole, token);

        Assert.That(whole.ExitCode, Is.Zero);
        var ids = (await rig.EventsAsync(token)).Where(e => e.Table == "t").Select(e => int.Parse(e.New![0]!, CultureInfo.InvariantCulture));
        Assert.That(ids, Is.EqualTo(Enumerable.Range(1, last)));
        Assert.That(await rig.ConfirmedAsync(token), Is.EqualTo(await rig.DurableAsync(token)));
    }

    [Test]
    public async Task A_lost_slot_ends_the_process_with_6_and_stands_in_the_buffer(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using (var capture = await rig.StartAsync(token))
        {
            await rig.CaughtUpAsync(token);
            await capture.StopAsync();
        }

        await rig.ExecuteAsync($"select pg_drop_replication_slot('{rig.Settings.SlotName}')", token);
        using var process = Start(rig, failpoints: null);
        await process.WaitForExitAsync(token);

        Assert.That(process.ExitCode, Is.EqualTo(6));
        Assert.That(await rig.BufferAsync<string>("select state || ' ' || state_reason from philotes.source", token), Does.StartWith("blocked PH102: "));
    }

    [Test]
    public async Task A_first_message_that_comes_at_once_is_not_taken_for_a_slot_that_moved(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await (await rig.StartAsync(token)).StopAsync();
        await rig.ExecuteAsync("insert into t select generate_series(1, 2000)", token);
        using var process = Start(rig, "cap.first_read=delay(1000)");
        await rig.CaughtUpAsync(token).WaitAsync(token);
        await rig.ExecuteAsync("insert into t values (0)", token);
        await CaptureRig.UntilAsync(async () => process.HasExited || (await rig.EventsAsync(token)).Count == 2001, token);

        Assert.That(process.HasExited, Is.False, "it must not have refused what it acknowledged itself");
        await StopAsync(process, token);
        Assert.That(process.ExitCode, Is.Zero);
    }

    private static Process Start(CaptureRig rig, string? failpoints)
    {
        var source = new NpgsqlConnectionStringBuilder(rig.Settings.SourceConnection());
        var buffer = new NpgsqlConnectionStringBuilder(rig.Buffer.ConnectionString);
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{rig.Settings.SourceName}.yaml");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            version: 1
            source:
              name: {{rig.Settings.SourceName}}
              connection: { host: {{source.Host}}, port: {{source.Port}}, database: {{source.Database}}, user: {{source.Username}}, password: "${env:SOURCE_PASSWORD}", tls: disable }
              slot: {{rig.Settings.SlotName}}
              publication: { name: '{{rig.Settings.PublicationName.Replace("'", "''", StringComparison.Ordinal)}}' }
              flush: { delay: 20ms, max_rows: 500 }
            buffer:
              connection: { host: {{buffer.Host}}, port: {{buffer.Port}}, database: {{buffer.Database}}, user: {{buffer.Username}}, password: "${env:SOURCE_PASSWORD}", tls: disable }
            tables:
              - match: public.*
            observability: { capture_listen: 127.0.0.1:0 }
            """));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "philotes-capture.dll"), "--config", file]);
        start.Environment["SOURCE_PASSWORD"] = Servers.Postgres.Server.Password;
        start.Environment["PHILOTES_FAILPOINTS"] = failpoints;
        return Process.Start(start)!;
    }

    private static async Task StopAsync(Process process, CancellationToken token)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(token);
    }
}
