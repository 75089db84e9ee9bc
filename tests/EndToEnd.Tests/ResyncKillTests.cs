using Philotes.Buffer.Operations;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>A table under load is copied again while both processes are killed. Whoever reads it sees the old rows or the new ones, whole.</summary>
[NonParallelizable]
public sealed class ResyncKillTests
{
    private const int Rows = 15_000;
    private const int Copies = 3;

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [CancelAfter(400_000)]
    public async Task A_table_that_is_copied_again_is_replaced_in_one_snapshot_whoever_is_killed(int seed, CancellationToken cancellationToken)
    {
        string[] slowly = ["--set", "source.copy.chunk_bytes=64KiB", "--set", "source.copy.max_bytes_per_second=1MiB"];
        var random = new Random(seed);
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        var truth = new Truth(clients: 4);
        var workload = new Workload(pipeline.Source, truth, seed, pauseMax: 150);
        await workload.LargeTransactionAsync(Rows, cancellationToken);
        using var stop = new CancellationTokenSource();
        var running = workload.RunAsync(stop.Token);
        pipeline.StartCapture(null, slowly);
        pipeline.StartWriter();
        await ActiveAsync(attempt: 1);
        var hot = await pipeline.BufferAsync<int>("select table_id from philotes.source_table where table_name = 'hot'", cancellationToken);

        var kills = 0;
        for (var attempt = 2; attempt <= 1 + Copies; attempt++)
        {
            await new Operator(pipeline.Buffer).ResyncTableAsync(hot, predicate: null, new Signature("test", "a test"), cancellationToken);
            // The copy itself, then its one commit.
            for (var left = 4; left > 0; left--)
            {
                await Task.Delay(random.Next(100, 900), cancellationToken);
                var who = random.Next(3);
                if (who != 1)
                {
                    await pipeline.Capture!.KillAsync();
                    pipeline.StartCapture(null, slowly);
                }

                if (who != 0)
                {
                    await pipeline.Writer!.KillAsync();
                    pipeline.StartWriter();
                }

                kills++;
            }

            await ActiveAsync(attempt);
        }

        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(cancellationToken);
        TestContext.Out.WriteLine($"{kills} kills, {truth.Count} changes");
        await LakeChecker.CheckAsync(pipeline, truth, cancellationToken);
        Assert.That(
            await pipeline.BufferAsync<long>("select count(*) from philotes.chunk c join philotes.event e using (gen, chunk) where e.op = 't'", cancellationToken), Is.EqualTo(Copies), "each copy began once");

        Task ActiveAsync(int attempt) => Until.TrueAsync(
            async () => await pipeline.BufferAsync<bool>($"select coalesce((select state = 'active' and attempt = {attempt} from philotes.table_copy join philotes.source_table using (table_id) where table_name = 'hot'), false)", cancellationToken),
            pipeline.Describe, cancellationToken);
    }
}
