using System.Text;
using Philotes.Iceberg.Storage;

namespace Philotes.Iceberg.Tests.Storage;

internal sealed class LocalObjectStoreTests
{
    private readonly LocalObjectStore _store = new();
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("iceberg-store-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("plain.avro")]
    [TestCase("a/b/c.avro")]
    [TestCase("name=a%2Fb/x.parquet")]
    [TestCase("100%.parquet")]
    [TestCase("a b+c#d?e&f;g.parquet")]
    [TestCase("'quotes\".parquet")]
    [TestCase("h\u00E9llo\U0001F9CA\n.parquet")]
    [TestCase("-rf")]
    [TestCase("back\\slash:colon")]
    public async Task An_object_is_a_file_of_exactly_that_name(string name)
    {
        await _store.PutNewAsync(Uri(name), "bytes"u8.ToArray(), CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await File.ReadAllTextAsync(Path.Combine(_folder, name)), Is.EqualTo("bytes"));
            Assert.That(await _store.ReadAsync(Uri(name), CancellationToken.None), Is.EqualTo("bytes"u8.ToArray()));
            Assert.That(await _store.HeadAsync(Uri(name), CancellationToken.None), Is.EqualTo(5));
            Assert.That(Hidden(), Is.Empty);
        }
    }

    [Test]
    public async Task An_object_that_exists_is_never_replaced()
    {
        await _store.PutNewAsync(Uri("x"), "first"u8.ToArray(), CancellationToken.None);
        var refused = await Assert.ThrowsAsync<ObjectStoreException>(() => _store.PutNewAsync(Uri("x"), "second"u8.ToArray(), CancellationToken.None));
        Assert.That(refused!.Failure, Is.EqualTo(ObjectStoreFailure.AlreadyExists));
        Assert.That(refused.Message, Does.Contain(Uri("x")));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_folder, "x")), Is.EqualTo("first"));
        Assert.That(Hidden(), Is.Empty);
    }

    [Test]
    public async Task Of_many_that_race_for_one_name_exactly_one_wins()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            await Task.Yield();
            try
            {
                await _store.PutNewAsync(Uri("raced"), Encoding.UTF8.GetBytes($"{i}"), CancellationToken.None);
                return i;
            }
            catch (ObjectStoreException e) when (e.Failure == ObjectStoreFailure.AlreadyExists)
            {
                return -1;
            }
        }));
        Assert.That(outcomes.Single(outcome => outcome >= 0).ToString(System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(await File.ReadAllTextAsync(Path.Combine(_folder, "raced"))));
    }

    [Test]
    public async Task A_local_file_is_stored_whole_and_survives_its_original()
    {
        var local = Path.Combine(_folder, "local.parquet");
        await File.WriteAllTextAsync(local, "rows");
        await _store.PutNewFileAsync(Uri("data/x.parquet"), local, CancellationToken.None);
        await Assert.ThrowsAsync<ObjectStoreException>(() => _store.PutNewFileAsync(Uri("data/x.parquet"), local, CancellationToken.None));
        File.Delete(local);
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_folder, "data/x.parquet")), Is.EqualTo("rows"));
    }

    [Test]
    public async Task A_local_file_of_another_file_system_is_copied()
    {
        if (!Directory.Exists("/dev/shm"))
        {
            Assert.Ignore("This machine has no second file system at /dev/shm.");
        }

        var local = Path.Combine("/dev/shm", Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(local, "rows");
        await _store.PutNewFileAsync(Uri("x"), local, CancellationToken.None);
        File.Delete(local);
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_folder, "x")), Is.EqualTo("rows"));
    }

    [Test]
    public async Task What_is_missing_is_told_apart_from_what_failed()
    {
        Assert.That(await _store.HeadAsync(Uri("none/at/all"), CancellationToken.None), Is.Null);
        await _store.DeleteAsync(Uri("none"), CancellationToken.None);
        var missing = await Assert.ThrowsAsync<ObjectStoreException>(() => _store.ReadAsync(Uri("none"), CancellationToken.None));
        Assert.That(missing!.Failure, Is.EqualTo(ObjectStoreFailure.NotFound));
    }

    [Test]
    public async Task A_deleted_object_is_gone()
    {
        await _store.PutNewAsync(Uri("x"), default, CancellationToken.None);
        await _store.DeleteAsync(Uri("x"), CancellationToken.None);
        Assert.That(await _store.HeadAsync(Uri("x"), CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task A_file_where_a_folder_should_be_and_a_full_disk_say_so()
    {
        await _store.PutNewAsync(Uri("file"), default, CancellationToken.None);
        await Assert.ThrowsAsync<ObjectStoreException>(() => _store.PutNewAsync(Uri("file/below"), default, CancellationToken.None));
        var tooLong = await Assert.ThrowsAsync<ObjectStoreException>(() => _store.PutNewAsync(Uri(new string('x', 300)), default, CancellationToken.None));
        Assert.That(tooLong!.Failure, Is.EqualTo(ObjectStoreFailure.InvalidName));
        Assert.That(LocalFailures.Of(Uri("x"), new IOException("No space left on device", Posix.NoSpace)).Message, Does.Contain("is full"));
        Assert.That(LocalFailures.Of(Uri("x"), new UnauthorizedAccessException()).Message, Does.Contain($"no permission for folder '{_folder}'"));
    }

    [TestCase("s3://bucket/key")]
    [TestCase("file://host/path")]
    [TestCase("file:relative")]
    [TestCase("file:///a/../etc/passwd")]
    [TestCase("file:///a/./b")]
    [TestCase("file:///a/")]
    [TestCase("file:////a")]
    [TestCase("file:///a\0b")]
    [TestCase("/plain/path")]
    public void A_name_that_is_no_file_uri_is_refused(string uri) =>
        Assert.That(() => FileUri.ToPath(uri), Throws.TypeOf<ObjectStoreException>().With.Property("Failure").EqualTo(ObjectStoreFailure.InvalidName));

    [Test]
    public void Uris_of_one_slash_and_of_three_name_the_same_file() => Assert.That(FileUri.ToPath("file:/a/b"), Is.EqualTo(FileUri.ToPath("file:///a/b")));

    [Test]
    public void A_store_is_found_by_scheme()
    {
        using var stores = new ObjectStores();
        Assert.That(stores.For("file:///x"), Is.TypeOf<LocalObjectStore>());
        Assert.That(() => stores.For("gopher://x"), Throws.TypeOf<ObjectStoreException>().With.Message.Contains("gopher"));
    }

    private string Uri(string name) => $"file://{_folder}/{name}";

    private string[] Hidden() => Directory.GetFiles(_folder, ".put-*", SearchOption.AllDirectories);
}
