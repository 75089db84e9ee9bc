using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using NUnit.Framework.Constraints;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Storage.S3;

namespace Philotes.Iceberg.Tests.Storage.S3;

[CancelAfter(120_000)]
public sealed class S3ObjectStoreTests
{
    private ObjectStores _stores = null!;
    private IObjectStore _store = null!;
    private string _bucket = "";

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _bucket = await S3SetUp.Store.CreateBucketAsync();
        _stores = S3SetUp.Stores();
        _store = _stores.For($"s3://{_bucket}/x");
    }

    [OneTimeTearDown]
    public void Close() => _stores?.Dispose();

    [Test]
    public async Task Bytes_come_back_as_they_were_put(CancellationToken token)
    {
        await _store.PutNewAsync(Uri("plain/a.avro"), "hello"u8.ToArray(), token);

        Assert.That(await _store.ReadAsync(Uri("plain/a.avro"), token), Is.EqualTo("hello"u8.ToArray()));
        Assert.That(await _store.HeadAsync(Uri("plain/a.avro"), token), Is.EqualTo(5));
        await using var stream = await _store.OpenReadAsync(Uri("plain/a.avro"), token);
        using var reader = new StreamReader(stream);
        Assert.That(await reader.ReadToEndAsync(token), Is.EqualTo("hello"));
    }

    [Test]
    public async Task An_object_that_is_not_there_is_said_to_be_so_and_may_be_deleted(CancellationToken token)
    {
        Assert.That(await _store.HeadAsync(Uri("nothing"), token), Is.Null);
        Assert.That(() => _store.ReadAsync(Uri("nothing"), token), Failure(ObjectStoreFailure.NotFound));
        await _store.DeleteAsync(Uri("nothing"), token);
    }

    [Test]
    public async Task A_deleted_object_is_gone(CancellationToken token)
    {
        await _store.PutNewAsync(Uri("gone"), "x"u8.ToArray(), token);
        await _store.DeleteAsync(Uri("gone"), token);
        Assert.That(await _store.HeadAsync(Uri("gone"), token), Is.Null);
    }

    [TestCase(10)]
    [TestCase(6 << 20)]
    public async Task A_name_that_is_taken_is_refused_and_its_object_stays(int length, CancellationToken token)
    {
        var file = await FileOfAsync(length, token);
        await _store.PutNewAsync(Uri($"taken{length}"), "first"u8.ToArray(), token);

        Assert.That(() => _store.PutNewFileAsync(Uri($"taken{length}"), file, token), Failure(ObjectStoreFailure.AlreadyExists));
        Assert.That(await _store.ReadAsync(Uri($"taken{length}"), token), Is.EqualTo("first"u8.ToArray()));
    }

    [Test]
    public async Task Of_eight_puts_at_once_one_wins(CancellationToken token)
    {
        var puts = Enumerable.Range(0, 8).Select(async writer =>
        {
            try
            {
                await _store.PutNewAsync(Uri("race"), Encoding.UTF8.GetBytes($"{writer}"), token);
                return 1;
            }
            catch (ObjectStoreException taken) when (taken.Failure == ObjectStoreFailure.AlreadyExists)
            {
                return 0;
            }
        });
        Assert.That((await Task.WhenAll(puts)).Sum(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_large_file_goes_up_in_parts_and_comes_back_byte_for_byte(CancellationToken token)
    {
        var file = await FileOfAsync((23 << 20) + 17, token);
        await _store.PutNewFileAsync(Uri("large.parquet"), file, token);

        var head = await S3SetUp.Store.Client.GetObjectMetadataAsync(_bucket, "large.parquet", token);
        await using var stored = await _store.OpenReadAsync(Uri("large.parquet"), token);
        Assert.That(head.ETag, Does.EndWith("-5\""), "five parts");
        Assert.That(await SHA256.HashDataAsync(stored, token), Is.EqualTo(await HashAsync(file, token)));
    }

    [Test]
    public async Task A_large_file_takes_no_memory_of_its_size(CancellationToken token)
    {
        var file = await FileOfAsync(160 << 20, token);
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        var before = self.WorkingSet64;
        var peak = before;
        var put = _store.PutNewFileAsync(Uri("huge.parquet"), file, token);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!put.IsCompleted && await timer.WaitForNextTickAsync(token))
        {
            self.Refresh();
            peak = Math.Max(peak, self.WorkingSet64);
        }

        await put;
        Assert.That(peak - before, Is.LessThan(64 << 20), "of a file of 160 MiB");
    }

    [TestCase("with space")]
    [TestCase("plus+sign")]
    [TestCase("größe")]
    [TestCase("encoded%2Fslash")]
    [TestCase("day=2024-01-01")]
    [TestCase("what?")]
    [TestCase("hash#tag")]
    public async Task A_key_is_what_the_uri_says_character_by_character(string name, CancellationToken token)
    {
        await _store.PutNewAsync(Uri($"names/{name}/f"), "x"u8.ToArray(), token);
        Assert.That(await S3SetUp.Store.KeysAsync(_bucket), Does.Contain($"names/{name}/f"));
        Assert.That(await _store.ReadAsync(Uri($"names/{name}/f"), token), Has.Length.EqualTo(1));
    }

    [TestCase("s3://bucket")]
    [TestCase("s3://bucket/")]
    [TestCase("s3:///key")]
    [TestCase("s3://bucket/a//b")]
    [TestCase("s3://bucket/../b")]
    [TestCase("s3://bucket/a/./b")]
    [TestCase("s3://bucket/a\nb")]
    [TestCase("s3://user@host/key")]
    public void A_name_that_stores_would_change_is_refused(string uri) =>
        Assert.That(() => _store.HeadAsync(uri, CancellationToken.None), Failure(ObjectStoreFailure.InvalidName));

    [Test]
    public void A_bucket_that_does_not_exist_is_named()
    {
        var uri = $"s3://no-{Guid.NewGuid():N}/a";
        Assert.That(() => _store.PutNewAsync(uri, "x"u8.ToArray(), CancellationToken.None), Failure(ObjectStoreFailure.NoBucket).With.Message.Contains(uri));
    }

    [Test]
    public void A_wrong_secret_is_a_refusal_that_does_not_show_it()
    {
        using var stores = new ObjectStores(S3SetUp.Options() with { Keys = () => new S3Keys("philotes", "not-the-secret") });
        Assert.That(() => stores.For(Uri("a")).PutNewAsync(Uri("a"), "x"u8.ToArray(), CancellationToken.None),
            Failure(ObjectStoreFailure.NotPermitted).With.Message.Not.Contains("not-the-secret"));
    }

    [Test]
    public async Task Keys_are_read_anew_so_that_rotated_ones_hold(CancellationToken token)
    {
        var keys = new S3Keys("philotes", "old");
        using var stores = new ObjectStores(S3SetUp.Options() with { Keys = () => keys });
        Assert.That(() => stores.For(Uri("a")).HeadAsync(Uri("rotated"), token), Failure(ObjectStoreFailure.NotPermitted));
        keys = new S3Keys(S3SetUp.Store.AccessKey, S3SetUp.Store.SecretKey);
        Assert.That(await stores.For(Uri("a")).HeadAsync(Uri("rotated"), token), Is.Null);
    }

    [Test]
    public void Parts_grow_so_that_there_are_never_more_than_a_store_takes()
    {
        var options = new S3Options { PartBytes = 16 << 20 };
        Assert.That(options.PartBytesOf(1L << 30), Is.EqualTo(16 << 20));
        Assert.That(((5L << 40) + options.PartBytesOf(5L << 40) - 1) / options.PartBytesOf(5L << 40), Is.LessThanOrEqualTo(S3Options.PartsMax));
    }

    private static EqualConstraint Failure(ObjectStoreFailure failure) =>
        Throws.TypeOf<ObjectStoreException>().With.Property(nameof(ObjectStoreException.Failure)).EqualTo(failure);

    private string Uri(string key) => $"s3://{_bucket}/{key}";

    private static async Task<string> FileOfAsync(int length, CancellationToken token)
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.bin");
        await using var file = File.Create(path);
        var block = new byte[1 << 20];
        for (var left = length; left > 0; left -= block.Length)
        {
            Random.Shared.NextBytes(block);
            await file.WriteAsync(block.AsMemory(0, Math.Min(left, block.Length)), token);
        }

        return path;
    }

    private static async Task<byte[]> HashAsync(string path, CancellationToken token)
    {
        await using var file = File.OpenRead(path);
        return await SHA256.HashDataAsync(file, token);
    }
}
