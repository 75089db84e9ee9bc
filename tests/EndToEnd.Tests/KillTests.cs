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
    [CancelAfter(300_000)]
    public async Task Nothing_is_lost_or_doubled_when_either_process_is_killed_at_random_moments(CancellationToken cancellationToken)
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("PHILOTES_TEST_SEED") ?? Random.Shared.Next(1, 1_000_000).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed} (PHILOTES_TEST_SEED repeats it)");
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        var truth = new Truth(clients: 5);
        await StartedAsync(pipeline, cancellationToken);

        using var stop = new CancellationTokenSource();
        var workload = new Workload(pipeline.Source, truth, seed);
        var running = workload.RunAsync(stop.Token);
        var kills = await KillAtRandomAsync(pipeline, workload, new Random(seed), cancellationToken);
        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(cancellationToken);

        TestContext.Out.WriteLine($"{kills} kills, {truth.Count} changes");
        Assert.That(truth.Count, Is.GreaterThan(1_000), "the workload must have done something");
        await LakeChecker.CheckAsync(pipeline, truth, cancellationToken);
    }

    /// <summary>One process after the other dies at the next of its steps, under load; what they left is then held against the clients' record once.</summary>
    [TestCase("Capture", "cap.mid_tx@2 cap.before_copy@3 cap.after_copy@3 cap.before_flush@3 cap.after_flush@3 cap.before_ack@3 cap.after_ack@3")]
    [TestCase("BatchWriter", "wr.after_claim@2 wr.mid_read@2 wr.mid_encode@2 wr.before_put@2 wr.after_upload@2 wr.before_stage@2 wr.after_stage@2 wr.before_commit@2 wr.commit_response_lost@2 wr.after_commit@2 wr.before_finish@2 wr.after_finish@2")]
    [CancelAfter(300_000)]
    public async Task Nothing_is_lost_or_doubled_when_a_process_dies_at_every_one_of_its_steps(string project, string steps, CancellationToken cancellationToken)
    {
        var isCapture = project == "Capture";
        var failpoints = steps.Split(' ').Select(step => step.Replace("@", "=exit@", StringComparison.Ordinal)).ToList();
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        var truth = new Truth(clients: 3);
        await StartedAsync(pipeline, cancellationToken, isCapture ? failpoints[0] : null, isCapture ? null : failpoints[0]);
        using var stop = new CancellationTokenSource();
        var workload = new Workload(pipeline.Source, truth, seed: 7);
        var running = workload.RunAsync(stop.Token);
        // Larger than any flush: inside of it the chunks go ahead of their directory.
        await workload.LargeTransactionAsync(rows: 60_000, cancellationToken);
        foreach (var (failpoint, next) in failpoints.Zip(failpoints.Skip(1).Append(null)))
        {
            var process = isCapture ? pipeline.Capture! : pipeline.Writer!;
            await Until.TrueAsync(() => Task.FromResult(process.HasExited), () => $"{failpoint} was never reached{Environment.NewLine}{pipeline.Describe()}", cancellationToken);
            Assert.That(process.ExitCode, Is.EqualTo(Killed), $"the process must have died at {failpoint}{Environment.NewLine}{pipeline.Describe()}");
            Restart(pipeline, project, next);
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

    private static void Restart(Pipeline pipeline, string project, string? failpoints = null)
    {
        if (project == "Capture")
        {
            pipeline.StartCapture(failpoints);
        }
        else
        {
            pipeline.StartWriter(failpoints);
        }
    }

    /// <summary>Starts both and waits for the slot: what is committed before it exists is not captured.</summary>
    private static async Task StartedAsync(Pipeline pipeline, CancellationToken cancellationToken, string? captureFailpoints = null, string? writerFailpoints = null)
    {
        pipeline.StartCapture(captureFailpoints);
        pipeline.StartWriter(writerFailpoints);
        await pipeline.SlotActiveAsync(cancellationToken);
    }
}
