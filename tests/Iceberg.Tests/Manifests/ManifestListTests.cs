using Philotes.Iceberg.Avro;
using Philotes.Iceberg.Manifests;

namespace Philotes.Iceberg.Tests.Manifests;

internal sealed class ManifestListTests
{
    private static readonly ManifestFile New = new()
    {
        Path = "file:///w/m0.avro",
        Length = 10,
        SpecId = 4,
        AddedSnapshotId = 99,
        AddedFilesCount = 1,
        ExistingFilesCount = 0,
        DeletedFilesCount = 0,
        AddedRowsCount = 3,
        ExistingRowsCount = 0,
        DeletedRowsCount = 0,
        Partitions = [new FieldSummary(true, null, [1], [2]), new FieldSummary(false, true, null, null)],
    };

    private static readonly ManifestFile Old = New with { Path = "file:///w/old.avro", AddedSnapshotId = 5, SequenceNumber = 3, MinSequenceNumber = 2, Content = ManifestContent.Deletes, Partitions = null };

    [Test]
    public void A_list_round_trips_and_new_manifests_get_the_snapshot_s_number()
    {
        var read = ManifestListReader.Read(ManifestListWriter.Write(99, 5, 8, [New, Old]));
        Assert.That(read.Select(Text), Is.EqualTo(new[] { Text(New with { SequenceNumber = 8, MinSequenceNumber = 8 }), Text(Old) }));
    }

    [Test]
    public void The_header_has_the_keys_that_readers_rely_on()
    {
        var contents = AvroFile.Read(ManifestListWriter.Write(99, null, 1, []));
        Assert.That(contents.Records, Is.Empty);
        Assert.That(
            (contents.Header("snapshot-id"), contents.Header("parent-snapshot-id"), contents.Header("sequence-number"), contents.Header("format-version")),
            Is.EqualTo(("99", "null", "1", "2")));
        Assert.That(AvroFile.Read(ManifestListWriter.Write(99, 5, 1, [])).Header("parent-snapshot-id"), Is.EqualTo("5"));
    }

    [Test]
    public void A_manifest_of_another_snapshot_must_have_its_number() => Assert.That(() => ManifestListWriter.Write(100, 5, 8, [New]), Throws.ArgumentException);

    [Test]
    public void A_snapshot_id_beyond_two_to_the_53_stays_exact() =>
        Assert.That(ManifestListReader.Read(ManifestListWriter.Write(long.MaxValue, 5, 8, [New with { AddedSnapshotId = long.MaxValue }])).Single().AddedSnapshotId, Is.EqualTo(long.MaxValue));

    private static string Text(ManifestFile file) => $"{file with { Partitions = null }} {string.Join(";", (file.Partitions ?? []).Select(s => $"{s.ContainsNull}{s.ContainsNan}{Convert.ToHexString(s.LowerBound ?? [])}{Convert.ToHexString(s.UpperBound ?? [])}"))}";
}
