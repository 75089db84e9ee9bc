using System.Diagnostics;
using System.Globalization;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests.Torture;

/// <summary>
/// Everything at once: capture, both writers, the catalog, the store and the buffer's server die at random moments while catalog and store lie. When it is over the
/// lake holds exactly what the clients of the source wrote down. PHILOTES_TORTURE_MINUTES says how long, PHILOTES_TEST_SEED repeats the draws of a run.
/// </summary>
[NonParallelizable]
public sealed class TortureTests
{
    private const int KillsAMinute = 20;
    private const int FaultsAMinute = 100;
    private const double MinutesUsually = 0.5;

    [Test]
    public async Task Nothing_is_lost_or_doubled_while_everything_dies_and_lies()
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable("PHILOTES_TORTURE_MINUTES") is { Length: > 0 } asked ? asked : MinutesUsually.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("PHILOTES_TEST_SEED") is { Length: > 0 } given ? given : Random.Shared.Next(1, 1_000_000).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var watch = Stopwatch.StartNew();
        // Long runs are slower ones, so that what is compared in the end stays of a size.
        var stretch = Math.Max(1, minutes / 10);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes((minutes * 2) + 10));
        Tell($"torture of {minutes} minutes, seed {seed} (PHILOTES_TEST_SEED repeats it)");
        await using var rig = await TortureRig.StartAsync(TimeSpan.FromSeconds(stretch), deadline.Token);
        await rig.Pipeline.ExecuteAsync(Workload.Schema, deadline.Token);
        await rig.StartProgramsAsync(deadline.Token);

        var truth = new Truth(clients: 4);
        var workload = new Workload(rig.Pipeline.Source, truth, seed, (int)(400 * stretch));
        using var stop = new CancellationTokenSource();
        var running = workload.RunAsync(stop.Token);
        await TortureAsync(rig, workload, minutes, new Random(seed), deadline.Token);
        await stop.CancelAsync();
        await running;
        await rig.FairWeatherAsync();
        await rig.CatchUpAsync(deadline.Token);

        Tell($"torture, seed {seed}: {rig.Kills} kills, {rig.Faults} faults, {truth.Count} changes, caught up after {watch.Elapsed.TotalSeconds:0} s");
        Assert.That(await rig.Pipeline.BufferAsync<long>("select count(*) from philotes.dead_letter", deadline.Token), Is.Zero, "an outage parks nothing");
        await LakeChecker.CheckAsync(rig.Pipeline, truth, deadline.Token, rig.Store);
    }

    private static async Task TortureAsync(TortureRig rig, Workload workload, double minutes, Random random, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        rig.BadWeather(random);
        var isLarge = false;
        while (watch.Elapsed.TotalMinutes < minutes || rig.Kills < KillsAMinute * minutes || rig.Faults < FaultsAMinute * minutes)
        {
            await Task.Delay(random.Next(100, 3_700), cancellationToken);
            await rig.KillOneAsync(random, cancellationToken);
            await rig.HurryAsync(cancellationToken);
            if (random.Next(5) == 0)
            {
                await rig.ReleaseZombiesAsync();
            }

            if (!isLarge && watch.Elapsed.TotalMinutes > minutes / 3)
            {
                // Larger than any flush: its chunks lie in the buffer before it is known to be whole.
                await workload.LargeTransactionAsync(rows: 30_000, cancellationToken);
                isLarge = true;
            }
        }
    }

    private static void Tell(string text) => TestContext.Progress.WriteLine(text);
}
