using System.Diagnostics;
using System.Globalization;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests.Torture;

/// <summary>Catalog and store are away for a while under load. PHILOTES_OUTAGE_SECONDS says for how long; from two minutes on the pace of the way back is held to what is promised.</summary>
[NonParallelizable]
public sealed class OutageTests
{
    private const double DrainOverInputMin = 5;
    private const double SecondsUsually = 8;
    private const double SecondsOfAPromise = 120;

    [Test]
    public async Task An_outage_of_the_lake_is_not_felt_by_capture_and_what_waited_is_caught_up_by_itself()
    {
        var outage = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("PHILOTES_OUTAGE_SECONDS") ?? SecondsUsually.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        using var deadline = new CancellationTokenSource(outage + TimeSpan.FromMinutes(6));
        await using var rig = await TortureRig.StartAsync(TimeSpan.FromSeconds(1), deadline.Token);
        var pipeline = rig.Pipeline;
        await pipeline.ExecuteAsync(Workload.Schema, deadline.Token);
        await rig.StartProgramsAsync(deadline.Token);
        var truth = new Truth(clients: 4);
        using var stop = new CancellationTokenSource();
        var running = new Workload(pipeline.Source, truth, seed: 3, pauseMax: 100).RunAsync(stop.Token);
        await Until.TrueAsync(() => Task.FromResult(truth.Count > 100), pipeline.Describe, deadline.Token);
        await pipeline.CommittedUpToAsync(await pipeline.SourcePositionAsync(deadline.Token), deadline.Token);

        rig.Away();
        var (changes, slot) = (truth.Count, await SlotAsync(pipeline, deadline.Token));
        await Task.Delay(outage, deadline.Token);
        var input = (truth.Count - changes) / outage.TotalSeconds;
        var position = await pipeline.SourcePositionAsync(deadline.Token);
        await pipeline.DurableAsync(position, deadline.Token);
        await Until.TrueAsync(async () => await SlotAsync(pipeline, deadline.Token) > slot, pipeline.Describe, deadline.Token);
        var backlog = await BacklogAsync(pipeline, deadline.Token);

        var drain = Stopwatch.StartNew();
        await rig.FairWeatherAsync();
        var waited = truth.Count;
        await pipeline.CommittedUpToAsync(position, deadline.Token);
        var pace = ((truth.Count - waited) + backlog) / drain.Elapsed.TotalSeconds / input;
        await stop.CancelAsync();
        await running;
        await pipeline.CatchUpAsync(deadline.Token);

        TestContext.Progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"outage of {outage.TotalSeconds:0} s: {input:F0} changes/s came in, {backlog} waited, in the lake {drain.Elapsed.TotalSeconds:F1} s after its end, {pace:F1} times the input"));
        Assert.That(backlog, Is.GreaterThan(0));
        Assert.That(await pipeline.BufferAsync<string>("select string_agg(distinct state, ',') from philotes.table_cursor", deadline.Token), Is.EqualTo("active"), "nobody has to do anything");
        Assert.That(await pipeline.BufferAsync<long>("select count(*) from philotes.dead_letter", deadline.Token), Is.Zero);
        Assert.That(outage.TotalSeconds < SecondsOfAPromise || pace >= DrainOverInputMin, Is.True, $"{pace} times the input");
        await LakeChecker.CheckAsync(pipeline, truth, deadline.Token, rig.Store);
    }

    private static async Task<long> SlotAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        await using var command = pipeline.Source.CreateCommand("select (confirmed_flush_lsn - '0/0')::bigint from pg_replication_slots where database = current_database() and not temporary");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<long> BacklogAsync(Pipeline pipeline, CancellationToken cancellationToken) =>
        (long)await pipeline.BufferAsync<decimal>("select sum(h.rows_in - k.rows_out) from philotes.table_head h join philotes.table_cursor k using (table_id)", cancellationToken);
}
