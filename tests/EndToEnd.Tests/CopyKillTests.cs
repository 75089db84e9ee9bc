using System.Globalization;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>Tables that have rows already are taken up, under load, while both processes are killed and connections are cut.</summary>
[NonParallelizable]
public sealed class CopyKillTests
{
    private const int Kills = 10;

    private const int RowsPerKill = 6_000;

    /// <summary>What is copied in a second, so that the copy lasts as long as the kills.</summary>
    private const string PerSecond = "256KiB";

    [Test]
    [CancelAfter(600_000)]
    public Task Existing_rows_arrive_once_and_their_changes_once_whoever_is_killed_while_they_are_copied(CancellationToken cancellationToken) =>
        KilledAsync(Kills, atLeast: 3, cancellationToken);

    /// <summary>PHILOTES_COPY_KILLS says how often: 100 take about five minutes.</summary>
    [Test]
    [CancelAfter(1_800_000)]
    public Task The_same_with_as_many_kills_as_asked_for(CancellationToken cancellationToken)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("PHILOTES_COPY_KILLS"), CultureInfo.InvariantCulture, out var kills))
        {
            Assert.Ignore("Set PHILOTES_COPY_KILLS to a number, such as 100.");
        }

        return KilledAsync(kills, atLeast: kills, cancellationToken);
    }

    private static async Task KilledAsync(int wanted, int atLeast, CancellationToken cancellationToken)
    {
        string[] slowly = ["--set", "source.copy.chunk_bytes=64KiB", "--set", $"source.copy.max_bytes_per_second={PerSecond}", "--set", "source.copy.buffer_bytes=4MiB"];
        var seed = int.Parse(Environment.GetEnvironmentVariable("PHILOTES_TEST_SEED") ?? Random.Shared.Next(1, 1_000_000).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"seed {seed} (PHILOTES_TEST_SEED repeats it)");
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        var truth = new Truth(clients: 4);
        var workload = new Workload(pipeline.Source, truth, seed);
        await workload.LargeTransactionAsync(wanted * RowsPerKill, cancellationToken);
        using var stop = new CancellationTokenSource();
        var running = workload.RunAsync(stop.Token);
        await Task.Delay(1_000, cancellationToken);
        pipeline.StartCapture(null, slowly);
        pipeline.StartWriter();
        await Until.TrueAsync(
            async () => await pipeline.BufferAsync<long>("select count(*) from philotes.table_copy where state = 'copying'", cancellationToken) > 0, pipeline.Describe, cancellationToken);
        var kills = await KillWhileCopyingAsync(pipeline, new Random(seed), wanted, slowly, cancellationToken);
        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(cancellationToken);

        TestContext.Out.WriteLine($"{kills} kills and cuts while tables were copied, {truth.Count} changes");
        Assert.That(kills, Is.GreaterThanOrEqualTo(atLeast), () => $"the copy must have been long enough to be hit.{Environment.NewLine}{pipeline.Describe()}");
        Assert.That(await pipeline.BufferAsync<int>("select max(attempt) from philotes.table_copy", cancellationToken), Is.EqualTo(1), "the snapshot outlived every kill");
        await LakeChecker.CheckAsync(pipeline, truth, cancellationToken);
    }

    /// <summary>
    /// The stream begins at the snapshot that the tables are copied from. A first start that dies between two tables leaves one of them with a
    /// snapshot that the others do not have; and whoever then makes the slot again makes it behind that snapshot.
    /// </summary>
    [TestCase(false)]
    [TestCase(true)]
    [CancelAfter(300_000)]
    public async Task No_change_is_lost_when_the_very_first_start_dies_between_two_tables(bool losesSlot, CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Workload.Schema, cancellationToken);
        var truth = new Truth(clients: 4);
        var workload = new Workload(pipeline.Source, truth, seed: 11);
        using var stop = new CancellationTokenSource();
        var running = workload.RunAsync(stop.Token);
        await ChangesAsync(500);
        await DieAsync("snap.before_start=exit@2");
        if (losesSlot)
        {
            await pipeline.ExecuteAsync("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database() and not temporary", cancellationToken);
        }
        else
        {
            // Before the next of those that were left; the stream runs by then.
            await DieAsync("snap.before_start=exit@1");
        }

        pipeline.StartCapture();
        pipeline.StartWriter();
        await ChangesAsync(500);
        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(cancellationToken);
        await LakeChecker.CheckAsync(pipeline, truth, cancellationToken);

        async Task DieAsync(string failpoint)
        {
            pipeline.StartCapture(failpoint);
            await Until.TrueAsync(() => Task.FromResult(pipeline.Capture!.HasExited), () => $"{failpoint} was never reached{Environment.NewLine}{pipeline.Describe()}", cancellationToken);
            Assert.That(
                await pipeline.BufferAsync<string>("select string_agg(distinct (snapshot_id is null and state = 'waiting')::text, ' and ' order by (snapshot_id is null and state = 'waiting')::text) from philotes.table_copy", cancellationToken),
                Is.EqualTo("false and true"), () => $"some tables have a snapshot, some wait for one.{Environment.NewLine}{pipeline.Describe()}");
            await ChangesAsync(500);
        }

        Task ChangesAsync(long more)
        {
            var wanted = truth.Count + more;
            return Until.TrueAsync(() => Task.FromResult(truth.Count > wanted), pipeline.Describe, cancellationToken);
        }
    }

    private static async Task<int> KillWhileCopyingAsync(Pipeline pipeline, Random random, int wanted, string[] slowly, CancellationToken cancellationToken)
    {
        for (var kills = 0; ; kills++)
        {
            await Task.Delay(random.Next(300, 2_500), cancellationToken);
            if (kills == wanted || await pipeline.BufferAsync<long>("select count(*) from philotes.table_copy where state in ('waiting', 'copying')", cancellationToken) == 0)
            {
                return kills;
            }

            switch (random.Next(3))
            {
                case 0:
                    await pipeline.Capture!.KillAsync();
                    pipeline.StartCapture(null, slowly);
                    break;
                case 1:
                    await pipeline.Writer!.KillAsync();
                    pipeline.StartWriter();
                    break;
                default:
                    await pipeline.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy (select%' and pid <> pg_backend_pid() and datname = current_database()", cancellationToken);
                    break;
            }
        }
    }
}
