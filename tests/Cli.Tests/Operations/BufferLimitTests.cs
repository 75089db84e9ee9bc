using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>The buffer's budget: foretold, kept, and left again without anybody doing anything.</summary>
[NonParallelizable]
public sealed class BufferLimitTests
{
    [Test, CancelAfter(300_000)]
    public async Task The_time_until_the_buffer_is_full_is_foretold_within_a_fifth_under_steady_load(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id serial primary key, pad text)", cancellationToken, writer: false);
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(pipeline, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(20), cancellationToken);
        var report = JsonDocument.Parse(await pipeline.OutputAsync("status", "--json")).RootElement.GetProperty("buffer");
        var (bytes, rate) = (report.GetProperty("bytes").GetInt64(), report.GetProperty("bytesPerSecond").GetDouble());
        var limit = Math.Max(64L << 20, bytes + (long)(rate * 25));
        var clock = Stopwatch.StartNew();
        var foretold = JsonDocument.Parse(await pipeline.OutputAsync("status", "--json", "--set", $"buffer.max_bytes={limit}B")).RootElement.GetProperty("buffer").GetProperty("secondsToFull").GetDouble();
        await Until.TrueAsync(async () => await pipeline.BufferAsync<long>("select pg_database_size(current_database())", cancellationToken) >= limit, pipeline.Pipeline.Describe, cancellationToken);
        var took = clock.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await load;
        Assert.That(foretold, Is.EqualTo(took).Within(20).Percent, $"{rate:N0} bytes a second, from {bytes:N0} to {limit:N0}");
    }

    [Test, CancelAfter(300_000)]
    public async Task Capture_waits_at_the_limit_and_goes_on_by_itself_and_nothing_is_lost(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key, pad text)", cancellationToken, "", writer: false);
        await pipeline.Pipeline.Capture!.TerminateAsync(cancellationToken);
        await pipeline.BufferAsync<object>("create table public.ballast as select repeat(md5(i::text), 32) as pad from generate_series(1, 80000) as i", cancellationToken);
        await using var capture = ProgramProcess.Start("Capture", pipeline.Pipeline.ConfigurationFile, null, "--set", "buffer.max_bytes=64MiB");
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'x' from generate_series(1, 1000) as i", cancellationToken);
        await Until.TrueAsync(() => Task.FromResult(capture.Output.Contains("PH507", StringComparison.Ordinal)), () => capture.Output, cancellationToken);
        Assert.That(await pipeline.BufferAsync<long>("select count(*) from philotes.event", cancellationToken), Is.Zero);
        Assert.That((await pipeline.ItemsAsync("slot", "show"))[0].GetProperty("active").GetBoolean(), Is.True, "the connection stays alive");
        await pipeline.BufferAsync<object>("drop table public.ballast", cancellationToken);
        await pipeline.UntilAsync("select count(*) = 1000 from philotes.event", cancellationToken);
        Assert.That(capture.HasExited, Is.False);
        await LedgerInvariants.CheckAsync(pipeline.Pipeline.Buffer);
    }

    static async Task LoadAsync(OperatedPipeline pipeline, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                await pipeline.Pipeline.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"insert into t (pad) select string_agg(md5(random()::text || i), '') from generate_series(1, 200) as r, generate_series(1, 60) as i group by r"), CancellationToken.None);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The load ends with its test.
        }
    }
}
