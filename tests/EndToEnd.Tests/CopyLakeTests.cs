using System.Globalization;
using Philotes.Buffer.Operations;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>What copied tables look like in the lake.</summary>
[NonParallelizable]
public sealed class CopyLakeTests
{
    private const int Rows = 150_000;
    private const long FileBytes = 1L << 20;

    /// <summary>About 20 MB of text of which half compresses away, in twenty parts or more.</summary>
    private static readonly string Filled = $"""
        create table t (id int primary key, pad text);
        insert into t select i, md5(i::text) || md5((i + 0.5)::text) || md5((-i)::text) from generate_series(1, {Rows}) i;
        """;

    [Test]
    [CancelAfter(500_000)]
    public async Task A_table_of_many_parts_has_files_of_the_target_size_and_is_replaced_in_one_commit(CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Filled, cancellationToken);
        pipeline.StartCapture(null, "--set", "source.copy.chunk_bytes=1MiB");
        pipeline.StartWriter(null, "--set", "lake.target_file_size=1MiB");
        await CopiedAsync(pipeline, attempt: 1, cancellationToken);

        var parts = await pipeline.BufferAsync<long>("select count(*) from philotes.copy_range", cancellationToken);
        var files = Files(pipeline);
        TestContext.Out.WriteLine($"{parts} parts, {files.Count} files: {string.Join(' ', files)}");
        Assert.That(parts, Is.GreaterThan(files.Count), "not a file for each part");
        Assert.That(files.Skip(1), Has.Count.GreaterThan(5).And.All.InRange(FileBytes * 3 / 4, FileBytes * 3 / 2), "all but the last are near the target");

        var before = await SnapshotsAsync(pipeline, cancellationToken);
        await new Operator(pipeline.Buffer).ResyncTableAsync(1, predicate: null, new Signature("test", "a test"), cancellationToken);
        await CopiedAsync(pipeline, attempt: 2, cancellationToken);
        var after = await SnapshotsAsync(pipeline, cancellationToken);
        Assert.That(after.Skip(before.Count).Select(snapshot => snapshot.Records), Is.EqualTo((long[])[Rows + 1]), "the truncate and every row, in one snapshot");
        await LedgerInvariants.CheckAsync(pipeline.Buffer);
    }

    /// <summary>A batch of copied rows grows while it is encoded: what a killed writer had taken up is in the ledger, and its successor writes all of it, once.</summary>
    [Test]
    [CancelAfter(500_000)]
    public async Task A_writer_killed_while_its_batch_grows_loses_and_doubles_no_row(CancellationToken cancellationToken)
    {
        const int many = 3 * Rows;
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Filled.Replace($"{Rows}", $"{many}", StringComparison.Ordinal), cancellationToken);
        // So slow that rows still come when the second writer is there.
        pipeline.StartCapture(null, "--set", "source.copy.chunk_bytes=1MiB", "--set", "source.copy.max_bytes_per_second=2MiB");
        var died = new List<long>();
        foreach (var growth in (int[])[1, 3])
        {
            await using var writer = ProgramProcess.Start("BatchWriter", pipeline.ConfigurationFile, $"wr.after_grow=exit@{growth.ToString(CultureInfo.InvariantCulture)}");
            await Until.TrueAsync(() => Task.FromResult(writer.HasExited), () => writer.Output, cancellationToken);
            // The process is dead: its lease would only be waited for.
            died.Add(await pipeline.BufferAsync<long>("update philotes.batch set lease_until = clock_timestamp() where state = 'claimed' returning row_count", cancellationToken));
        }

        await pipeline.Capture!.TerminateAsync(cancellationToken);
        pipeline.StartCapture(null, "--set", "source.copy.chunk_bytes=1MiB");
        pipeline.StartWriter();
        await CopiedAsync(pipeline, attempt: 1, cancellationToken);

        var batches = await pipeline.BufferAsync<long>("select count(*) from philotes.batch", cancellationToken);
        Assert.That(died, Is.Ordered.Ascending.And.All.InRange(1, many - 1), "killed while it grew");
        Assert.That(batches, Is.EqualTo(1), "one batch took the whole table");
        var table = await new Lake(pipeline.CatalogUri).TableAsync("t_changelog", cancellationToken);
        var ids = (await ForeignReaders.ReadMetadataWithJavaAsync(table.MetadataLocation)).Select(line =>
        {
            using var json = System.Text.Json.JsonDocument.Parse(line);
            return json.RootElement.GetProperty("id").GetInt32();
        });
        Assert.That(ids.Order().SequenceEqual(Enumerable.Range(1, many)), "every row once");
        await LedgerInvariants.CheckAsync(pipeline.Buffer);
    }

    /// <summary>PHILOTES_COPY_TABLES says how many tables.</summary>
    [Test]
    [CancelAfter(1_800_000)]
    public async Task As_many_tables_as_asked_for_are_copied_at_once_and_arrive(CancellationToken cancellationToken)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("PHILOTES_COPY_TABLES"), CultureInfo.InvariantCulture, out var tables))
        {
            Assert.Ignore("Set PHILOTES_COPY_TABLES to a number, such as 1000.");
        }

        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        for (var table = 0; table < tables; table++)
        {
            await pipeline.ExecuteAsync($"create table t{table} (id int primary key, pad text); insert into t{table} select i, 'row' from generate_series(1, 10) i", cancellationToken);
        }

        var started = TimeProvider.System.GetTimestamp();
        pipeline.StartCapture();
        pipeline.StartWriter();
        await Until.TrueAsync(
            async () => await pipeline.BufferAsync<long>("select count(*) from philotes.table_copy where state = 'active'", cancellationToken) == tables, pipeline.Describe, cancellationToken);
        TestContext.Out.WriteLine($"in the buffer after {TimeProvider.System.GetElapsedTime(started)}");
        await pipeline.CommittedAsync(cancellationToken);
        TestContext.Out.WriteLine($"in the lake after {TimeProvider.System.GetElapsedTime(started)}");
        Assert.That(await pipeline.BufferAsync<long>("select sum(rows_out)::bigint from philotes.table_cursor", cancellationToken), Is.EqualTo(10L * tables));
    }

    private static async Task CopiedAsync(Pipeline pipeline, int attempt, CancellationToken cancellationToken)
    {
        await Until.TrueAsync(
            async () => await pipeline.BufferAsync<bool>($"select exists (select from philotes.table_copy where state = 'active' and attempt = {attempt})", cancellationToken), pipeline.Describe, cancellationToken);
        await pipeline.CommittedAsync(cancellationToken);
    }

    private static List<long> Files(Pipeline pipeline) =>
        [.. new DirectoryInfo(pipeline.Warehouse).EnumerateFiles("*.parquet", SearchOption.AllDirectories).Select(file => file.Length).Order()];

    private static async Task<IReadOnlyList<(long Lsn, long Records)>> SnapshotsAsync(Pipeline pipeline, CancellationToken cancellationToken) =>
        (await new Lake(pipeline.CatalogUri).TableAsync("t_changelog", cancellationToken)).Snapshots();
}
