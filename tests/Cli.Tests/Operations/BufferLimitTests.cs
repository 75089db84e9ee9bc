using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>The buffer's budget: foretold, kept, and left again without anybody doing anything.</summary>
[NonParallelizable]
public sealed class BufferLimitTests
{
    /// <summary>
    /// What is foretold goes by how fast the buffer grew so far. On a machine that others use too it may then grow faster or slower, which nobody can foretell: such a time is not judged,
    /// and there is another.
    /// </summary>
    [Test, CancelAfter(900_000)]
    public async Task The_time_until_the_buffer_is_full_is_foretold_within_a_fifth_under_steady_load(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id serial primary key, pad text)", cancellationToken, writer: false);
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(pipeline, stop.Token);
        await pipeline.UntilAsync("select exists (select from philotes.chunk)", cancellationToken);
        var (clock, begin) = (Stopwatch.StartNew(), await SizeAsync());
        await Task.Delay(TimeSpan.FromSeconds(20), cancellationToken);
        double foretold, took;
        long bytes, limit;
        bool isSteady;
        do
        {
            var report = await BufferAsync();
            (bytes, limit) = (report.GetProperty("bytes").GetInt64(), Math.Max(64L << 20, report.GetProperty("bytes").GetInt64() + (long)(report.GetProperty("bytesPerSecond").GetDouble() * 25)));
            var (asked, before) = (clock.Elapsed.TotalSeconds, await SizeAsync());
            foretold = (await BufferAsync("--set", $"buffer.max_bytes={limit}B")).GetProperty("secondsToFull").GetDouble();
            await Until.TrueAsync(async () => await SizeAsync() >= limit, pipeline.Pipeline.Describe, cancellationToken);
            took = clock.Elapsed.TotalSeconds - asked;
            var (so, then) = ((before - begin) / asked, (await SizeAsync() - before) / took);
            isSteady = then > so * 0.9 && then < so * 1.1;
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{so:N0} bytes a second so far, then {then:N0}; from {bytes:N0} to {limit:N0} in {foretold:F1} s foretold, {took:F1} s needed"));
        }
        while (!isSteady);
        await stop.CancelAsync();
        await load;
        Assert.That(foretold, Is.EqualTo(took).Within(20).Percent, $"from {bytes:N0} to {limit:N0}");

        Task<long> SizeAsync() => pipeline.BufferAsync<long>("select pg_database_size(current_database())", cancellationToken);

        async Task<JsonElement> BufferAsync(params string[] set) => JsonDocument.Parse(await pipeline.OutputAsync(["status", "--json", .. set])).RootElement.GetProperty("buffer");
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

    /// <summary>Five transactions a second, and what was late is made up for.</summary>
    static async Task LoadAsync(OperatedPipeline pipeline, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        for (var done = 1; !stop.IsCancellationRequested; done++)
        {
            await pipeline.Pipeline.ExecuteAsync("insert into t (pad) select string_agg(md5(random()::text || i), '') from generate_series(1, 200) as r, generate_series(1, 60) as i group by r", CancellationToken.None);
            var due = TimeSpan.FromMilliseconds(200 * done) - clock.Elapsed;
            await Task.Delay(due > TimeSpan.Zero ? due : TimeSpan.Zero, CancellationToken.None);
        }
    }
}
