using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Tests.Manifests;

namespace Philotes.Iceberg.Tests.Planning;

internal sealed class AppendPlannerTests
{
    private static readonly Dictionary<string, string> NoSummary = [];

    [Test]
    public void The_first_snapshot_is_empty_with_zero_totals_and_no_manifests()
    {
        var plan = AppendPlanner.Plan(Head([]), [], 1, 1000, NoSummary, merge: null);
        Assert.That((plan.ParentSnapshotId, plan.SequenceNumber, plan.NewManifests.Count, plan.Existing.Count), Is.EqualTo(((long?)null, 1L, 0, 0)));
        Assert.That(plan.Summary["operation"], Is.EqualTo("append"));
        Assert.That(plan.Summary["total-records"], Is.EqualTo("0"));
        Assert.That(plan.Summary, Does.Not.ContainKey("added-data-files"));
    }

    [Test]
    public void A_fast_append_keeps_every_manifest_in_its_order_and_adds_to_the_totals()
    {
        var manifests = new[] { Manifest("a", 10), Manifest("b", 10) with { Content = ManifestContent.Deletes }, Manifest("c", 10) };
        var plan = AppendPlanner.Plan(Head(manifests, Parent), [ManifestSamples.Unpartitioned("x", 5), ManifestSamples.Unpartitioned("y", 7)], 2, 1, new Dictionary<string, string> { ["engine-name"] = "test" }, merge: null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(plan.Existing.SelectMany(group => group), Is.EqualTo(manifests));
            Assert.That(plan.NewManifests.Single().Files, Has.Count.EqualTo(2));
            Assert.That(plan.ParentSnapshotId, Is.EqualTo(77));
            Assert.That(plan.SequenceNumber, Is.EqualTo(10));
            Assert.That(plan.TimestampMs, Is.EqualTo(5001), "later than the parent");
            Assert.That(plan.Summary["added-data-files"], Is.EqualTo("2"));
            Assert.That(plan.Summary["added-records"], Is.EqualTo("12"));
            Assert.That(plan.Summary["total-records"], Is.EqualTo("112"));
            Assert.That(plan.Summary["changed-partition-count"], Is.EqualTo("1"));
            Assert.That(plan.Summary["engine-name"], Is.EqualTo("test"));
            Assert.That(plan.Summary, Does.Not.ContainKey("total-files-size"), "the parent has none, so none is invented");
        }
    }

    [Test]
    public void Files_of_two_specs_go_into_two_manifests()
    {
        var plan = AppendPlanner.Plan(Head([]), [ManifestSamples.Unpartitioned("x"), ManifestSamples.File("y", ManifestSamples.Partition)], 2, 1, NoSummary, merge: null);
        Assert.That(plan.NewManifests.Select(manifest => manifest.SpecId), Is.EqualTo(new[] { 0, 4 }));
    }

    [Test]
    public void Manifests_are_merged_only_when_enough_have_gathered()
    {
        var manifests = Enumerable.Range(0, 99).Select(i => Manifest($"{i}", 10)).ToArray();
        Assert.That(Groups(manifests[..98]), Is.EqualTo(Enumerable.Repeat(1, 98)));
        Assert.That(Groups(manifests), Is.EqualTo(new[] { 99 }));
    }

    [Test]
    public void Bins_are_filled_from_the_oldest_and_full_ones_are_merged_at_once()
    {
        var manifests = new[] { Manifest("new", 60), Manifest("c", 30), Manifest("b", 30), Manifest("a", 40), Manifest("old", 60) };
        var plan = AppendPlanner.Plan(Head(manifests), [], 2, 1, NoSummary, new ManifestMergeOptions(100, 100));
        Assert.That(plan.Existing.Select(group => string.Join("", group.Select(manifest => manifest.Path))), Is.EqualTo(new[] { "new", "cb", "aold" }));
        Assert.That((plan.Summary["manifests-created"], plan.Summary["manifests-kept"], plan.Summary["manifests-replaced"]), Is.EqualTo(("2", "1", "4")));
    }

    [Test]
    public void Deletes_other_specs_and_specs_that_are_gone_are_not_merged_together()
    {
        ManifestFile[] manifests =
        [
            Manifest("a", 10), Manifest("d", 10) with { Content = ManifestContent.Deletes }, Manifest("b", 10) with { SpecId = 4 }, Manifest("c", 10),
            Manifest("e", 10) with { Content = ManifestContent.Deletes }, Manifest("f", 10) with { SpecId = 9 }, Manifest("g", 10) with { SpecId = 9 },
        ];
        var plan = AppendPlanner.Plan(Head(manifests), [], 2, 1, NoSummary, new ManifestMergeOptions(1));
        Assert.That(plan.Existing.Select(group => string.Join("", group.Select(manifest => manifest.Path))), Is.EquivalentTo(new[] { "ac", "b", "d", "e", "f", "g" }));
    }

    [Test]
    public void What_cannot_be_committed_is_refused()
    {
        Assert.That(() => Plan(ManifestSamples.Unpartitioned("x"), ManifestSamples.Unpartitioned("x")), Throws.ArgumentException);
        Assert.That(() => Plan(ManifestSamples.Unpartitioned("x") with { SpecId = 3 }), Throws.ArgumentException);
        Assert.That(() => Plan(ManifestSamples.Unpartitioned("x") with { Content = DataFileContent.PositionDeletes }), Throws.ArgumentException);
        Assert.That(() => AppendPlanner.Plan(Head([]) with { FormatVersion = 3 }, [], 1, 1, NoSummary, merge: null), Throws.TypeOf<IcebergFormatException>());
    }

    [Test]
    public void Properties_choose_the_merging()
    {
        Assert.That(ManifestMergeOptions.From(NoSummary), Is.EqualTo(new ManifestMergeOptions()));
        Assert.That(ManifestMergeOptions.From(new Dictionary<string, string> { ["commit.manifest-merge.enabled"] = "false" }), Is.Null);
        Assert.That(ManifestMergeOptions.From(new Dictionary<string, string> { ["commit.manifest.min-count-to-merge"] = "5", ["commit.manifest.target-size-bytes"] = "x" }), Is.EqualTo(new ManifestMergeOptions(5)));
    }

    [FsCheck.NUnit.Property]
    public bool Snapshot_ids_are_positive(Guid random) => SnapshotIds.From(random) >= 0;

    private static readonly Snapshot Parent = new()
    {
        SnapshotId = 77,
        TimestampMs = 5000,
        SequenceNumber = 9,
        ManifestList = "l",
        Summary = new Dictionary<string, string> { ["operation"] = "append", ["total-records"] = "100", ["total-data-files"] = "4" },
    };

    private static AppendPlan Plan(params DataFile[] files) => AppendPlanner.Plan(Head([]), files, 1, 1, NoSummary, merge: null);

    private static IEnumerable<int> Groups(ManifestFile[] manifests) =>
        AppendPlanner.Plan(Head(manifests), [ManifestSamples.Unpartitioned("x")], 2, 1, NoSummary, new ManifestMergeOptions()).Existing.Select(group => group.Count);

    private static ManifestFile Manifest(string path, long length) => new() { Path = path, Length = length, SpecId = 0, AddedSnapshotId = 1, SequenceNumber = 1, MinSequenceNumber = 1 };

    private static TableHead Head(IReadOnlyList<ManifestFile> manifests, Snapshot? current = null) => new()
    {
        FormatVersion = 2,
        MetadataFolder = "file:///w/metadata",
        DataFolder = "file:///w/data",
        Schema = ManifestSamples.Schema,
        Specs = new Dictionary<int, PartitionSpec> { [0] = PartitionSpec.Unpartitioned, [4] = ManifestSamples.Spec },
        DefaultSpecId = 0,
        LastSequenceNumber = current?.SequenceNumber ?? 0,
        Current = current,
        Manifests = manifests,
    };
}
