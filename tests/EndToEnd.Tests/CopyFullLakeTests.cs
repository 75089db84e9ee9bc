using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>The disk of the lake is full in the middle of a copy.</summary>
[NonParallelizable]
public sealed class CopyFullLakeTests
{
    private const int Rows = 150_000;

    private static readonly string[] Parts = ["--set", "source.copy.chunk_bytes=256KiB", "--set", "lake.target_file_size=1MiB"];

    /// <summary>About 20 MB of text of which half compresses away.</summary>
    private static readonly string Filled = $"""
        create table large (id int primary key, pad text);
        insert into large select i, md5(i::text) || md5((i + 0.5)::text) || md5((-i)::text) from generate_series(1, {Rows}) i;
        create table small (id int primary key, pad text); insert into small select i, 'x' from generate_series(1, 10) i;
        """;

    [Test]
    [CancelAfter(300_000)]
    public async Task The_table_says_PH310_the_others_go_on_and_with_room_every_row_arrives_once(CancellationToken cancellationToken)
    {
        using var disk = SmallDisk.Mount(48 << 20);
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, new PipelineShape(Warehouse: new Uri(disk.Folder).AbsoluteUri), cancellationToken);
        await pipeline.ExecuteAsync(Filled, cancellationToken);
        disk.Fill(leave: 3 << 20);
        // So slow that the disk is full long before the copy is over, whoever else uses the machine.
        pipeline.StartCapture(null, [.. Parts, "--set", "source.copy.max_bytes_per_second=512KiB"]);
        pipeline.StartWriter(null, "--set", "lake.target_file_size=1MiB");
        await IsAsync(pipeline, """
            exists (select from philotes.batch b join philotes.source_table t using (table_id) join philotes.table_copy c using (table_id)
                     where t.table_name = 'large' and b.state = 'failed' and b.error_code = 'PH310' and c.state = 'copying' and b.error_text like '%is full%')
            """, cancellationToken);
        var committed = await pipeline.BufferAsync<long>("select committed_seq from philotes.table_cursor join philotes.source_table using (table_id) where table_name = 'large'", cancellationToken);
        await pipeline.Capture!.TerminateAsync(cancellationToken);
        pipeline.StartCapture(null, Parts);
        await pipeline.ExecuteAsync("insert into small values (11, 'while it is full'); update large set pad = 'changed' where id = 1", cancellationToken);
        await IsAsync(pipeline, "(select committed_seq >= 2 from philotes.table_cursor join philotes.source_table using (table_id) where table_name = 'small')", cancellationToken);
        await IsAsync(pipeline, "(select state = 'active' from philotes.table_copy join philotes.source_table using (table_id) where table_name = 'large')", cancellationToken);
        Assert.That(await RowsAsync(pipeline, "small", cancellationToken), Has.Count.EqualTo(11));
        Assert.That(committed, Is.GreaterThan(0), "a part was in the lake before");

        disk.Free();
        await pipeline.CatchUpAsync(cancellationToken);
        var rows = await RowsAsync(pipeline, "large", cancellationToken);
        Assert.That(rows.Where(row => row.Contains("\"read\"", StringComparison.Ordinal)).ToList(), Has.Count.EqualTo(Rows).And.Unique);
        Assert.That(rows, Has.Count.EqualTo(Rows + 1), "and the one change");
        await LedgerInvariants.CheckAsync(pipeline.Buffer);
    }

    private static Task IsAsync(Pipeline pipeline, string condition, CancellationToken cancellationToken) => Until.TrueAsync(
        async () => await pipeline.BufferAsync<bool>($"select coalesce({condition}, false)", cancellationToken), () => $"{condition}{Environment.NewLine}{pipeline.Describe()}", cancellationToken);

    private static async Task<IReadOnlyList<string>> RowsAsync(Pipeline pipeline, string table, CancellationToken cancellationToken) =>
        await ForeignReaders.ReadWithIcebirdAsync((await new Lake(pipeline.CatalogUri).TableAsync($"{table}_changelog", cancellationToken)).MetadataLocation);
}
