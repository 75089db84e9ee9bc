using System.Globalization;
using System.Text.Json;
using Philotes.BatchWriter.Commit;
using Philotes.Hosting;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Files;

/// <summary>Files of copied rows lie in the table's order and say so; files of changes lie as the changes came.</summary>
[CancelAfter(60_000)]
public sealed class SortedCopyTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("note", "text", false));
    private static readonly string[] Notes = ["m", "c", "x", "a"];

    [Test]
    public async Task Copied_rows_are_sorted_and_changes_are_not()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { Sort = ["note desc"] });
        await CopiedAsync(bench);
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(Orders, Notes.Select((note, i) => Change.Insert($"{i + 10}", note)));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var files = await FilesAsync(bench);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(files[1].Notes, Is.EqualTo(new[] { "x", "m", "c", "a" }));
            Assert.That(files[1].SortOrder, Is.EqualTo(1));
            Assert.That(files[2].Notes, Is.EqualTo(Notes));
            Assert.That(files[2].SortOrder, Is.Null);
            Assert.That(await bench.ReadAsync("orders"), Has.Count.EqualTo(8));
        }
    }

    [Test]
    public void Files_that_another_process_commits_say_it_too()
    {
        var schema = new IcebergSchema(0, [new NestedField(1, "id", Required: false, new LongType())]);
        var file = new DataFile { FilePath = "file:///a.parquet", RecordCount = 1, FileSizeInBytes = 2, SortOrderId = 3 };
        var json = StagedBatchJson.Write(new StagedBatch(Guid.NewGuid(), 7, [file], 0), PartitionSpec.Unpartitioned, schema);
        Assert.That(StagedBatchJson.Read(json, 7, _ => PartitionSpec.Unpartitioned, schema).Files.Single().SortOrderId, Is.EqualTo(3));
    }

    [Test]
    public async Task An_order_that_cannot_be_kept_is_not_claimed()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { Sort = ["bucket(4,id)"] });
        await CopiedAsync(bench);
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var file = (await FilesAsync(bench))[1];
        Assert.That((file.SortOrder, string.Join(' ', file.Notes)), Is.EqualTo(((int?)null, string.Join(' ', Notes))));
    }

    /// <summary>What a copy would bring.</summary>
    private static async Task CopiedAsync(WriterBench bench)
    {
        await bench.AppendAsync(Orders, Notes.Select((note, i) => new Change(ChangeKind.Read, null, Tuple.Of($"{i + 1}", note))));
        await bench.ScalarAsync<bool>("update philotes.chunk set copied = true where table_seq = (select max(table_seq) from philotes.chunk) returning copied");
    }

    /// <summary>By the batch that made it: the notes as they lie in the file, and the order that its manifest entry names, by readers that are not ours.</summary>
    private static async Task<Dictionary<long, (string[] Notes, int? SortOrder)>> FilesAsync(WriterBench bench)
    {
        var files = new Dictionary<long, (string[], int?)>();
        foreach (var manifest in Directory.EnumerateFiles(bench.Warehouse, "*-m0.avro", SearchOption.AllDirectories))
        {
            using var json = JsonDocument.Parse(await ChildProcess.RunAsync("/usr/bin/python3", [Peers.Repository("tests", "Iceberg.Tests", "Foreign", "read-avro.py"), manifest]));
            var file = json.RootElement.GetProperty("records").EnumerateArray().Single().GetProperty("data_file");
            var path = new Uri(file.GetProperty("file_path").GetString()!).LocalPath;
            using var read = JsonDocument.Parse(await ChildProcess.RunAsync(Peers.Node(), [Peers.Repository("tests", "Iceberg.Tests", "Parquet", "read-parquet.mjs"), Peers.Native(), path]));
            var batch = long.Parse(Path.GetFileName(path).Split('-')[0], CultureInfo.InvariantCulture);
            var order = file.GetProperty("sort_order_id");
            files[batch] = (
                [.. read.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("note").GetString()!)],
                order.ValueKind == JsonValueKind.Null ? null : order.GetInt32());
        }

        return files;
    }
}
