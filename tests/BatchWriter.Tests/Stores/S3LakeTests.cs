using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Stores;

/// <summary>Batches on a real S3 store, by the embedded catalog and by the reference server, read back through S3 by two programs that are not ours.</summary>
[CancelAfter(240_000)]
public sealed class S3LakeTests
{
    private static readonly TableSchema Orders = WriterBench.Schema("orders", 'd', ("id", "bigint", true), ("note", "text", false), ("total", "numeric(10,2)", false));

    [Test]
    public async Task A_table_written_through_S3_and_the_reference_server_reads_equal_in_all_readers()
    {
        var store = await S3Server.SharedAsync();
        var bucket = await store.CreateBucketAsync();
        await using var catalog = await ReferenceCatalog.StartAsync(store, bucket);
        await using var bench = await WriterBench.StartOnAsync(store, bucket);
        await bench.AppendAsync(Orders, Enumerable.Range(1, 2_000).Select(id => Change.Insert($"{id}", $"note {id}", $"{id}.50")));
        await bench.Runner(catalog.Uri).RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(Orders, Change.Insert("2001", "größe 🐘", "-0.01"));
        await bench.Runner(catalog.Uri).RunUntilIdleAsync(CancellationToken.None);

        var java = await ForeignReaders.ReadWithJavaAsync(catalog.Uri, "public.orders_changelog", filter: null, store.JavaOptions);
        var duckDb = await ForeignReaders.ReadWithDuckDbAsync(catalog.Uri.ToString().TrimEnd('/'), "public.orders_changelog", where: null, store);
        Assert.That(java, Has.Count.EqualTo(2_001));
        Assert.That(duckDb, Is.EqualTo(java));
        Assert.That((await store.KeysAsync(bucket)).Where(key => key.EndsWith(".parquet", StringComparison.Ordinal)), Has.Exactly(2).Items);
        await CheckFilesAsync(store, bucket);
    }

    [Test]
    public async Task A_file_larger_than_a_part_is_committed_and_read()
    {
        var store = await S3Server.SharedAsync();
        var bucket = await store.CreateBucketAsync();
        await using var bench = await WriterBench.StartOnAsync(store, bucket);
        var words = new Random(1);
        await bench.AppendAsync(Orders, Enumerable.Range(1, 30).Select(id => Change.Insert($"{id}", Convert.ToBase64String(Noise(words, 400_000)), "1.00")));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var table = await bench.LoadAsync("orders");
        var rows = await ForeignReaders.ReadMetadataWithJavaAsync(table.MetadataLocation!, filter: null, ["--count", .. store.JavaOptions]);
        Assert.That(rows, Is.EqualTo(new[] { "30" }));
        var file = (await store.KeysAsync(bucket)).Single(key => key.EndsWith(".parquet", StringComparison.Ordinal));
        Assert.That((await store.Client.GetObjectMetadataAsync(bucket, file)).ETag, Does.Contain('-'), "it went up in parts");
        await CheckFilesAsync(store, bucket);
    }

    [Test]
    public async Task A_batch_costs_three_requests_to_the_catalog_and_five_to_the_store()
    {
        var store = await S3Server.SharedAsync();
        var bucket = await store.CreateBucketAsync();
        await using var catalog = await ReferenceCatalog.StartAsync(store, bucket);
        await using var beforeCatalog = ScriptedProxy.Start(catalog.Uri);
        await using var beforeStore = ScriptedProxy.StartBeforeStore(store.Endpoint);
        await using var bench = await WriterBench.StartOnAsync(store, bucket, beforeStore.Uri);
        var runner = bench.Runner(beforeCatalog.Uri);
        await bench.AppendAsync(Orders, Change.Insert("1", "a", "1.00"));
        await runner.RunUntilIdleAsync(CancellationToken.None);
        var (catalogBefore, storeBefore) = (beforeCatalog.Requests.Count, beforeStore.Requests.Count);
        await bench.AppendAsync(Orders, Change.Insert("2", "b", "2.00"));
        await runner.RunUntilIdleAsync(CancellationToken.None);

        Assert.That(beforeCatalog.Requests.Skip(catalogBefore).Select(request => request.Method), Is.EqualTo(new[] { "GET", "GET", "POST" }), "look at the table, load it for the commit, commit");
        Assert.That(beforeStore.Requests.Skip(storeBefore).Select(request => request.Method), Is.EqualTo(new[] { "PUT", "HEAD", "GET", "PUT", "PUT" }),
            "the data file and its size, the head's manifest list, manifest and new list");
    }

    private static async Task CheckFilesAsync(S3Server store, string bucket)
    {
        var folder = Directory.CreateTempSubdirectory("philotes-s3-files-").FullName;
        try
        {
            foreach (var key in (await store.KeysAsync(bucket)).Where(key => key.EndsWith(".parquet", StringComparison.Ordinal)))
            {
                using var file = await store.Client.GetObjectAsync(bucket, key);
                await file.WriteResponseStreamToFileAsync(Path.Combine(folder, Path.GetFileName(key)), append: false, CancellationToken.None);
            }

            Assert.That(await ForeignReaders.CheckFootersAsync(folder), Is.Empty);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
