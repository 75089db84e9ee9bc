using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Philotes.Capture.Tests;

/// <summary>A measurement, not a gate: run it by name on a quiet machine.</summary>
[Explicit]
[CancelAfter(300_000)]
internal sealed class ThroughputTests
{
    private const int Rows = 1_000_000;

    [Test]
    public async Task One_transaction_of_a_million_narrow_rows(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { PublicationName = "pub_throughput", FlushDelay = TimeSpan.FromMilliseconds(200), FlushRows = 20_000, FlushBytes = 8 << 20 };
        await rig.ExecuteAsync("create table t (id bigint primary key, a int, b int, c text, d timestamptz, e bool, f numeric(10,2), g text)", token);
        await (await rig.StartAsync(token)).StopAsync();
        var slot = $"recv_{rig.Settings.SlotName}";
        await rig.ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'pgoutput')", token);
        await rig.ExecuteAsync($"insert into t select i, i, 7, 'name ' || i, now(), true, i / 100.0, 'x' from generate_series(1, {Rows}) i", token);
        var end = await rig.SourceAsync<string>("select pg_current_wal_lsn()::text", token);

        var receive = await ReceiveAsync(rig, slot, end, token);
        await rig.ExecuteAsync($"select pg_drop_replication_slot('{slot}')", token);
        var busy = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        await using var capture = await rig.StartAsync(token);
        await rig.CaughtUpAsync(token);
        var captured = watch.Elapsed;
        busy = Process.GetCurrentProcess().TotalProcessorTime - busy;

        Assert.That(await rig.BufferAsync<long>("select count(*) from philotes.event", token), Is.EqualTo(Rows));
        await TestContext.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"pg_recvlogical {Rows / receive.TotalSeconds:N0} rows/s, capture {Rows / captured.TotalSeconds:N0} rows/s ({receive / captured:P0}), {busy.TotalSeconds:F1} s of our CPU, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));
    }

    private static async Task<TimeSpan> ReceiveAsync(CaptureRig rig, string slot, string end, CancellationToken token)
    {
        var connection = new NpgsqlConnectionStringBuilder(rig.Settings.SourceConnection());
        var start = new ProcessStartInfo("/usr/lib/postgresql/15/bin/pg_recvlogical",
        [
            "--start", "-h", connection.Host!, "-p", connection.Port.ToString(CultureInfo.InvariantCulture), "-U", connection.Username!, "-d", connection.Database!,
            "-S", slot, "-o", "proto_version=1", "-o", $"publication_names=\"{rig.Settings.PublicationName.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
            "-E", end, "-f", "/dev/null", "-F", "0", "--no-loop",
        ]);
        start.Environment["PGPASSWORD"] = connection.Password;
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(token);
        Assert.That(process.ExitCode, Is.Zero);
        return watch.Elapsed;
    }
}
