using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Storage;
using Philotes.Iceberg.Tests.Manifests;

namespace Philotes.Iceberg.Tests.Planning;

internal sealed class SnapshotWriterTests
{
    private readonly LocalObjectStore _store = new();
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("iceberg-snapshots-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Attempts_share_manifests_and_each_has_its_own_list()
    {
        var writer = new SnapshotWriter(_store, Guid.Parse("00000000-0000-0000-0000-000000000001"));
        var files = new[] { ManifestSamples.Unpartitioned("x") };
        var first = await writer.WriteAsync(Head(), Plan(Head(), files, 5), CancellationToken.None);
        var moved = Head() with { LastSequenceNumber = 6 };
        var second = await writer.WriteAsync(moved, Plan(moved, files, 5), CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.ManifestListPath, Does.EndWith("/metadata/snap-5-1-00000000-0000-0000-0000-000000000001.avro"));
            Assert.That(second.ManifestListPath, Does.EndWith("/metadata/snap-5-2-00000000-0000-0000-0000-000000000001.avro"));
            Assert.That(writer.WrittenPaths, Has.Count.EqualTo(3));
            Assert.That(second.Snapshot.SequenceNumber, Is.EqualTo(7));
            var line = (await ListAsync(second)).Single();
            Assert.That((line.Path, line.SequenceNumber, line.MinSequenceNumber), Is.EqualTo(((await ListAsync(first)).Single().Path, 7L, 7L)));
            Assert.That(new FileInfo(FileUri.ToPath(line.Path)).Length, Is.EqualTo(line.Length));
        }
    }

    [Test]
    public async Task An_empty_snapshot_has_a_list_of_nothing()
    {
        var written = await new SnapshotWriter(_store, Guid.NewGuid()).WriteAsync(Head(), Plan(Head(), [], 5), CancellationToken.None);
        Assert.That(await ListAsync(written), Is.Empty);
        Assert.That(written.Snapshot.Operation, Is.EqualTo("append"));
    }

    [Test]
    public async Task After_many_appends_and_a_merge_every_file_is_live_once_with_its_own_age()
    {
        var head = Head();
        for (var i = 1; i <= 7; i++)
        {
            head = await CommitAsync(head, [ManifestSamples.Unpartitioned($"f{i}")], i, i == 7 ? new ManifestMergeOptions(MinCount: 5) : null);
        }

        Assert.That(head.Manifests.Select(line => (line.AddedFilesCount, line.ExistingFilesCount)), Is.EqualTo(new[] { ((int?)1, (int?)0), (0, 6) }));
        Assert.That(head.Manifests[1].MinSequenceNumber, Is.EqualTo(1));
        var entries = (await Task.WhenAll(head.Manifests.Select(EntriesAsync))).SelectMany(e => e).ToList();
        Assert.That(
            entries.Select(entry => (entry.File.FilePath, entry.SnapshotId, entry.SequenceNumber, entry.FileSequenceNumber)),
            Is.EquivalentTo(Enumerable.Range(1, 7).Select(i => ($"f{i}", (long?)i, (long?)i, (long?)i))));
        Assert.That(head.Current!.Summary["total-data-files"], Is.EqualTo("7"));
    }

    [Test]
    public async Task A_merge_leaves_out_what_earlier_snapshots_deleted()
    {
        var spec = new ManifestHeader(ManifestSamples.Schema, PartitionSpec.Unpartitioned, ManifestContent.Data);
        var encoded = ManifestWriter.Write($"file://{_folder}/m.avro", 3, spec,
        [
            new ManifestEntry(ManifestEntryStatus.Deleted, 3, 1, 1, ManifestSamples.Unpartitioned("gone")),
            new ManifestEntry(ManifestEntryStatus.Existing, 2, 2, 2, ManifestSamples.Unpartitioned("kept")),
        ]);
        await _store.PutNewAsync(encoded.File.Path, encoded.Bytes, CancellationToken.None);
        var old = encoded.File with { SequenceNumber = 3 };
        var head = await CommitAsync(Head() with { LastSequenceNumber = 3, Manifests = [old] }, [ManifestSamples.Unpartitioned("new")], 4, merge: null);
        head = await CommitAsync(head, [], 5, new ManifestMergeOptions(MinCount: 2));
        var entries = await EntriesAsync(head.Manifests.Single());
        Assert.That(entries.Select(entry => (entry.File.FilePath, entry.Status, entry.SequenceNumber)), Is.EquivalentTo(new[]
        {
            ("kept", ManifestEntryStatus.Existing, (long?)2), ("new", ManifestEntryStatus.Existing, 4),
        }));
    }

    private static AppendPlan Plan(TableHead head, DataFile[] files, long snapshotId, ManifestMergeOptions? merge = null) =>
        AppendPlanner.Plan(head, files, snapshotId, 1, new Dictionary<string, string>(), merge);

    private async Task<TableHead> CommitAsync(TableHead head, DataFile[] files, long snapshotId, ManifestMergeOptions? merge)
    {
        var written = await new SnapshotWriter(_store, Guid.NewGuid()).WriteAsync(head, Plan(head, files, snapshotId, merge), CancellationToken.None);
        return head with { Current = written.Snapshot, LastSequenceNumber = written.Snapshot.SequenceNumber, Manifests = await ListAsync(written) };
    }

    private async Task<IReadOnlyList<ManifestFile>> ListAsync(WrittenSnapshot written) =>
        ManifestListReader.Read(await _store.ReadAsync(written.ManifestListPath, CancellationToken.None));

    private async Task<IReadOnlyList<ManifestEntry>> EntriesAsync(ManifestFile line) =>
        ManifestReader.Read(await _store.ReadAsync(line.Path, CancellationToken.None), line).Entries;

    private TableHead Head() => new()
    {
        FormatVersion = 2,
        MetadataFolder = $"file://{_folder}/metadata",
        DataFolder = $"file://{_folder}/data",
        Schema = ManifestSamples.Schema,
        Specs = new Dictionary<int, PartitionSpec> { [0] = PartitionSpec.Unpartitioned },
        DefaultSpecId = 0,
        LastSequenceNumber = 0,
        Current = null,
        Manifests = [],
    };
}
