using System.Globalization;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>The promise: nothing lost, nothing doubled, order kept, no transaction split, whichever process dies at whatever moment.</summary>
[NonParallelizable]
public sealed class KillTests
{
    private const int KillsMin = 20;

    /// <summary>The exit code of a process that SIGKILL ended.</summary>
    private const int Killed = 137;

    [Test]
    [CancelAfter(600_000)]
    public async Task Nothing_is_lost_or_doubled_when_either_process_is_killed_at_random_moments(CancellationToken cancellationToken)
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("PHILOTES_TEST_SEED") ?? Random.Shared.Next(1, 1_000_000).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed} (PHILOTES_TEST_SEED repeats it)");
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        var truth = new Truth(clients: 5);
        using var stop = new CancellationTokenSource();
        var workload = new Workload(pipeline.Source, truth, seed);
        // From before the first start: a kill may hit the slot being made and the first snapshot as well.
        var running = workload.RunAsync(stop.Token);
        pipeline.StartCapture();
        pipeline.StartWriter();
        var kills = await KillAtRandomAsync(pipeline, workload, new Random(seed), cancellationToken);
        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(cancellationToken);

        TestContext.Out.WriteLine($"{kills} kills, {truth.Count} changes");
        Assert.That(truth.Count, Is.GreaterThan(1_000), "the workload must have done something");
        await LakeChecker.CheckAsync(pipeline, truth, cancellationToken);
    }

    /// <summary>Under the whole workload, one capture after the other dies at the next of its steps; what they left is then held against the clients' record once.</summary>
    [Test]
    [CancelAfter(600_000)]
    public async Task Nothing_is_lost_or_doubled_when_capture_dies_at_every_one_of_its_steps(CancellationToken cancellationToken)
    {
        string[] failpoints = ["cap.mid_tx=exit@2", "cap.before_copy=exit@3", "cap.after_copy=exit@3", "cap.before_flush=exit@3", "cap.after_flush=exit@3", "cap.before_ack=exit@3", "cap.after_ack=exit@3"];
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        var truth = new Truth(clients: 3);
        await StartedAsync(pipeline, cancellationToken, failpoints[0]);
        using var stop = new CancellationTokenSource();
        var workload = new Workload(pipeline.Source, truth, seed: 7);
        var running = workload.RunAsync(stop.Token);
        // Larger than any flush: inside of it the chunks go ahead of their directory.
        await workload.LargeTransactionAsync(rows: 60_000, cancellationToken);
        foreach (var (failpoint, next) in failpoints.Zip(failpoints.Skip(1).Append(null)))
        {
            var process = pipeline.Capture!;
            await Until.TrueAsync(() => Task.FromResult(process.HasExited), () => $"{failpoint} was never reached{Environment.NewLine}{pipeline.Describe()}", cancellationToken);
            Assert.That(process.ExitCode, Is.EqualTo(Killed), $"the process must have died at {failpoint}{Environment.NewLine}{pipeline.Describe()}");
            pipeline.StartCapture(next);
        }

        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(cancellationToken);
        await LakeChecker.CheckAsync(pipeline, truth, cancellationToken);
    }

    private static async Task<int> KillAtRandomAsync(Pipeline pipeline, Workload workload, Random random, CancellationToken cancellationToken)
    {
        for (var kills = 0; ; kills++)
        {
            if (kills == KillsMin / 2)
            {
                // Larger than any flush: its chunks lie in the buffer before it is known to be whole.
                await workload.LargeTransactionAsync(rows: 60_000, cancellationToken);
            }

            if (kills == KillsMin)
            {
                return kills;
            }

            // Sometimes in the middle of starting, sometimes well into the work.
            await Task.Delay(random.Next(100, 3_000), cancellationToken);
            var project = random.Next(2) == 0 ? "Capture" : "BatchWriter";
            var victim = project == "Capture" ? pipeline.Capture! : pipeline.Writer!;
            Assert.That(victim.HasExited, Is.False, $"{project} ended by itself.{Environment.NewLine}{pipeline.Describe()}");
            await victim.KillAsync();
            Restart(pipeline, project);
        }
    }

    private static void Restart(Pipeline pipeline, string project)
    {
        if (project == "Capture")
        {
            pipeline.StartCapture();
        }
        else
        {
            pipeline.StartWriter();
        }
    }

    /// <summary>Starts both and waits for the slot: what is committed before it exists is not captured.</summary>
    private static async Task StartedAsync(Pipeline pipeline, CancellationToken cancellationToken, string? captureFailpoints = null)
    {
        pipeline.StartCapture(captureFailpoints);
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
    }
}
