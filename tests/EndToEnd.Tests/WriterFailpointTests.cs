using System.Globalization;
using Npgsql;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>The batch writer dies, fails or stalls once at each of its failpoints, as a real process; the lake holds every row once.</summary>
[NonParallelizable]
public sealed class WriterFailpointTests
{
    private static readonly string[] Points = [.. FailpointNames.All.Select(point => point.Name).Where(name => name.StartsWith("wr.", StringComparison.Ordinal))];

    [Test]
    [CancelAfter(900_000)]
    public async Task A_writer_killed_at_each_of_its_failpoints_loses_and_doubles_nothing(CancellationToken cancellationToken)
    {
        await using var pipeline = await StartAsync(cancellationToken);
        var (rows, died) = (0, 0);
        foreach (var point in Points)
        {
            await pipeline.ExecuteAsync($"insert into t select g from generate_series({rows + 1}, {rows + 10}) g", cancellationToken);
            rows += 10;
            await pipeline.DurableAsync(await pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
            await using var writer = ProgramProcess.Start("BatchWriter", pipeline.ConfigurationFile, $"{point}=exit@1");
            using var once = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            once.CancelAfter(TimeSpan.FromSeconds(60));
            if (!await DiesOrCommitsAsync(pipeline, writer, once.Token))
                continue;
            died++;
            // The process is dead: its lease would only be waited for.
            await using var over = pipeline.Buffer.CreateCommand("update philotes.batch set lease_until = clock_timestamp() where state in ('claimed', 'committing')");
            await over.ExecuteNonQueryAsync(cancellationToken);
        }

        pipeline.StartWriter();
        await pipeline.CatchUpAsync(cancellationToken);
        await AssertAsync(pipeline, rows, cancellationToken);
        Assert.That(died, Is.GreaterThanOrEqualTo(20), "of the failpoints that a batch passes");
    }

    [TestCase("error@1")]
    [TestCase("delay(150)@1")]
    [CancelAfter(600_000)]
    public async Task A_writer_that_fails_or_stalls_once_at_every_failpoint_loses_and_doubles_nothing(string action, CancellationToken cancellationToken)
    {
        await using var pipeline = await StartAsync(cancellationToken);
        pipeline.StartWriter(string.Join(',', Points.Select(point => $"{point}={action}")));
        for (var round = 0; round < 5; round++)
        {
            await pipeline.ExecuteAsync($"insert into t select g from generate_series({(round * 10) + 1}, {(round * 10) + 10}) g", cancellationToken);
            await pipeline.DurableAsync(await pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
            await Until.TrueAsync(
                async () =>
                {
                    // What waits for its next try is due now: the waits are tested elsewhere.
                    await using var due = pipeline.Buffer.CreateCommand("update philotes.batch set next_try_at = clock_timestamp() where state = 'failed'");
                    await due.ExecuteNonQueryAsync(cancellationToken);
                    await using var open = pipeline.Buffer.CreateCommand("select exists (select from philotes.table_head h join philotes.table_cursor k using (table_id) where h.head_seq > k.committed_seq)");
                    return await open.ExecuteScalarAsync(cancellationToken) is false;
                },
                pipeline.Describe,
                cancellationToken);
        }

        await AssertAsync(pipeline, 50, cancellationToken);
    }

    private static async Task<Pipeline> StartAsync(CancellationToken cancellationToken)
    {
        var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync("create table t (id int primary key)", cancellationToken);
        pipeline.StartCapture();
        await pipeline.SlotActiveAsync(cancellationToken);
        return pipeline;
    }

    /// <summary>True when the process died at its failpoint; false when it passed none, because nothing of that kind happened.</summary>
    private static async Task<bool> DiesOrCommitsAsync(Pipeline pipeline, ProgramProcess writer, CancellationToken cancellationToken)
    {
        await using var open = pipeline.Buffer.CreateCommand(
            "select exists (select from philotes.batch where state in ('claimed', 'committing')) or exists (select from philotes.table_head h join philotes.table_cursor k using (table_id) where h.head_seq > k.claimed_seq)");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!writer.HasExited)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken);
                if (!writer.HasExited && await open.ExecuteScalarAsync(cancellationToken) is false)
                    return false;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task AssertAsync(Pipeline pipeline, int rows, CancellationToken cancellationToken)
    {
        var table = await new Lake(pipeline.CatalogUri).TableAsync("t_changelog", cancellationToken);
        var ids = (await ForeignReaders.ReadMetadataWithJavaAsync(table.MetadataLocation)).Select(line =>
        {
            using var json = System.Text.Json.JsonDocument.Parse(line);
            return json.RootElement.GetProperty("id").GetInt32();
        });
        Assert.That(ids.Order(), Is.EqualTo(Enumerable.Range(1, rows)));
    }
}
