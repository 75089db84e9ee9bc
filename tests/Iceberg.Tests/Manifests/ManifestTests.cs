using System.Text.Json;
using Philotes.Iceberg.Avro;
using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Manifests;

internal sealed class ManifestTests
{
    private static readonly ManifestHeader Header = new(ManifestSamples.Schema, ManifestSamples.Spec, ManifestContent.Data);

    [Test]
    public void Entries_round_trip_and_inherit_what_is_not_written()
    {
        var added = ManifestSamples.File("file:///w/a.parquet", ManifestSamples.Partition);
        var existing = ManifestSamples.File("file:///w/b.parquet", ManifestSamples.Nulls) with { SplitOffsets = null, UpperBounds = null, SortOrderId = null };
        var encoded = ManifestWriter.Write("file:///w/m.avro", 99, Header,
            [ManifestEntry.Added(99, added), new ManifestEntry(ManifestEntryStatus.Existing, 5, 2, 3, existing)]);
        var read = ManifestReader.Read(encoded.Bytes, encoded.File with { SequenceNumber = 8 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Header.Schema, Is.EqualTo(ManifestSamples.Schema));
            Assert.That(read.Header.Spec, Is.EqualTo(ManifestSamples.Spec));
            Assert.That(read.Entries.Select(entry => (entry.Status, entry.SnapshotId, entry.SequenceNumber, entry.FileSequenceNumber)), Is.EqualTo(new[]
            {
                (ManifestEntryStatus.Added, (long?)99, (long?)8, (long?)8),
                (ManifestEntryStatus.Existing, 5, 2, 3),
            }));
            Assert.That(read.Entries.Select(entry => Text(entry.File)), Is.EqualTo(new[] { Text(added), Text(existing) }));
        }
    }

    [Test]
    public void The_list_s_line_counts_what_the_manifest_holds()
    {
        var file = ManifestSamples.File("file:///w/a.parquet", ManifestSamples.Partition);
        var line = ManifestWriter.Write("file:///w/m.avro", 99, Header,
        [
            ManifestEntry.Added(99, file),
            new ManifestEntry(ManifestEntryStatus.Existing, 5, 2, 3, file with { FilePath = "b" }),
            new ManifestEntry(ManifestEntryStatus.Existing, 5, 4, 4, file with { FilePath = "c", RecordCount = 10 }),
            new ManifestEntry(ManifestEntryStatus.Deleted, 99, 1, 1, file with { FilePath = "d" }),
        ]).File;
        Assert.That((line.AddedFilesCount, line.ExistingFilesCount, line.DeletedFilesCount), Is.EqualTo(((int?)1, (int?)2, (int?)1)));
        Assert.That((line.AddedRowsCount, line.ExistingRowsCount, line.DeletedRowsCount), Is.EqualTo(((long?)3, (long?)13, (long?)3)));
        Assert.That(line.MinSequenceNumber, Is.EqualTo(2), "the deleted entry's number does not count");
        Assert.That(line.SpecId, Is.EqualTo(4));
    }

    [Test]
    public void Entries_that_are_not_new_must_carry_their_numbers()
    {
        var file = ManifestSamples.File("a", ManifestSamples.Partition);
        Assert.That(() => ManifestWriter.Write("m", 99, Header, [new ManifestEntry(ManifestEntryStatus.Existing, 5, null, 3, file)]), Throws.ArgumentException);
        Assert.That(() => ManifestWriter.Write("m", 99, Header, [new ManifestEntry(ManifestEntryStatus.Deleted, null, 2, 3, file)]), Throws.ArgumentException);
    }

    [Test]
    public void One_manifest_has_one_spec_and_one_kind_of_content()
    {
        var file = ManifestSamples.File("a", ManifestSamples.Partition);
        Assert.That(() => ManifestWriter.Write("m", 99, Header, [ManifestEntry.Added(99, file with { SpecId = 0 })]), Throws.ArgumentException);
        Assert.That(() => ManifestWriter.Write("m", 99, Header, [ManifestEntry.Added(99, file with { Content = DataFileContent.PositionDeletes })]), Throws.ArgumentException);
    }

    [Test]
    public void A_manifest_of_deletes_says_so_in_its_header_and_round_trips()
    {
        var file = ManifestSamples.File("d", ManifestSamples.Partition) with { Content = DataFileContent.PositionDeletes, ReferencedDataFile = "file:///w/a.parquet", SortOrderId = null };
        var encoded = ManifestWriter.Write("m", 99, Header with { Content = ManifestContent.Deletes }, [ManifestEntry.Added(99, file)]);
        Assert.That(AvroFile.Read(encoded.Bytes).Header("content"), Is.EqualTo("deletes"));
        Assert.That(ManifestReader.Read(encoded.Bytes, encoded.File with { SequenceNumber = 1 }).Entries.Single().File.ReferencedDataFile, Is.EqualTo("file:///w/a.parquet"));
        Assert.That(() => ManifestReader.Read(encoded.Bytes, encoded.File with { Content = ManifestContent.Data }), Throws.TypeOf<IcebergFormatException>());
    }

    [Test]
    public void The_header_carries_every_key_and_the_table_s_own_schema()
    {
        var contents = AvroFile.Read(ManifestWriter.Write("m", 99, Header, []).Bytes);
        Assert.That(IcebergSchema.Parse(contents.Header("schema")), Is.EqualTo(ManifestSamples.Schema));
        Assert.That(contents.Header("schema-id"), Is.EqualTo("7"));
        Assert.That(JsonDocument.Parse(contents.Header("partition-spec")).RootElement.ValueKind, Is.EqualTo(JsonValueKind.Array));
        Assert.That(contents.Header("partition-spec-id"), Is.EqualTo("4"));
        Assert.That(contents.Header("format-version"), Is.EqualTo("2"));
        Assert.That(contents.Header("content"), Is.EqualTo("data"));
        Assert.That(contents.Header("avro.codec"), Is.EqualTo("deflate"));
    }

    [Test]
    public void The_same_entries_give_the_same_bytes()
    {
        ManifestEntry[] entries = [ManifestEntry.Added(99, ManifestSamples.File("a", ManifestSamples.Partition))];
        Assert.That(ManifestWriter.Write("m", 99, Header, entries).Bytes, Is.EqualTo(ManifestWriter.Write("m", 99, Header, entries).Bytes));
    }

    [FsCheck.NUnit.Property(MaxTest = 100)]
    public bool Metrics_round_trip(long records, long size, Dictionary<int, long> counts, Dictionary<int, byte[]> bounds, long[] offsets)
    {
        var file = ManifestSamples.Unpartitioned("p") with
        {
            RecordCount = records,
            FileSizeInBytes = size,
            ValueCounts = counts,
            LowerBounds = bounds.Where(pair => pair.Value is not null).ToDictionary(),
            SplitOffsets = offsets,
        };
        var encoded = ManifestWriter.Write("m", 1, new ManifestHeader(ManifestSamples.Schema, PartitionSpec.Unpartitioned, ManifestContent.Data), [ManifestEntry.Added(1, file)]);
        return Text(ManifestReader.Read(encoded.Bytes, encoded.File with { SequenceNumber = 1 }).Entries.Single().File) == Text(file);
    }

    internal static string Text(DataFile file) => string.Join(" ", typeof(DataFile).GetProperties().Select(property => $"{property.Name}={Text(property.GetValue(file))}"));

    private static string Text(object? value) => value switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexString(bytes),
        IReadOnlyDictionary<int, long> map => string.Join(",", map.OrderBy(pair => pair.Key)),
        IReadOnlyDictionary<int, byte[]> map => string.Join(",", map.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}:{Convert.ToHexString(pair.Value)}")),
        PartitionValues values => values.ToString(),
        System.Collections.IEnumerable list and not string => string.Join(",", list.Cast<object>()),
        _ => value.ToString()!,
    };
}
