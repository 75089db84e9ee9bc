using System.Globalization;
using Philotes.Iceberg.Avro;

namespace Philotes.Iceberg.Manifests;

/// <summary>
/// Makes manifests of format version 2 (Iceberg spec, Manifests). A manifest has one partition spec and one kind of content. Added
/// entries are written without sequence numbers, which they inherit from the manifest list; so one manifest serves all attempts.
/// </summary>
public static class ManifestWriter
{
    /// <summary>Encodes entries in the order given, for the snapshot that adds the manifest at <paramref name="path"/>.</summary>
    public static EncodedManifest Write(string path, long snapshotId, ManifestHeader header, IReadOnlyList<ManifestEntry> entries)
    {
        foreach (var entry in entries)
        {
            Require(header, entry);
        }

        var partitionType = header.Spec.PartitionType(header.Schema);
        var bytes = AvroFile.Write(
            ManifestAvro.EntrySchema(PartitionAvro.FieldsJson(partitionType)),
            HeaderTexts(header),
            entries.Select(entry => new object?[]
            {
                (int)entry.Status, entry.SnapshotId, entry.SequenceNumber, entry.FileSequenceNumber, DataFileAvro.Encode(entry.File, partitionType),
            }));
        return new EncodedManifest(bytes, new ManifestFile
        {
            Path = path,
            Length = bytes.Length,
            SpecId = header.Spec.SpecId,
            Content = header.Content,
            MinSequenceNumber = MinSequenceNumber(entries),
            AddedSnapshotId = snapshotId,
            AddedFilesCount = Files(entries, ManifestEntryStatus.Added),
            ExistingFilesCount = Files(entries, ManifestEntryStatus.Existing),
            DeletedFilesCount = Files(entries, ManifestEntryStatus.Deleted),
            AddedRowsCount = Rows(entries, ManifestEntryStatus.Added),
            ExistingRowsCount = Rows(entries, ManifestEntryStatus.Existing),
            DeletedRowsCount = Rows(entries, ManifestEntryStatus.Deleted),
            Partitions = PartitionSummaries.Of(partitionType, entries.Select(entry => entry.File.Partition).ToList()),
        });
    }

    private static Dictionary<string, string> HeaderTexts(ManifestHeader header) => new(StringComparer.Ordinal)
    {
        ["schema"] = header.Schema.ToJson(),
        ["schema-id"] = header.Schema.SchemaId.ToString(CultureInfo.InvariantCulture),
        ["partition-spec"] = header.Spec.FieldsToJson(),
        ["partition-spec-id"] = header.Spec.SpecId.ToString(CultureInfo.InvariantCulture),
        ["format-version"] = "2",
        ["content"] = header.Content == ManifestContent.Data ? "data" : "deletes",
    };

    private static void Require(ManifestHeader header, ManifestEntry entry)
    {
        var isData = entry.File.Content == DataFileContent.Data;
        if (isData != (header.Content == ManifestContent.Data) || entry.File.SpecId != header.Spec.SpecId)
        {
            throw new ArgumentException(
                $"'{entry.File.FilePath}' is {entry.File.Content} of spec {entry.File.SpecId}, "
                + $"not of a {header.Content} manifest of spec {header.Spec.SpecId}.", nameof(entry));
        }

        if (entry.Status != ManifestEntryStatus.Added && entry is not { SnapshotId: not null, SequenceNumber: not null, FileSequenceNumber: not null })
        {
            throw new ArgumentException($"'{entry.File.FilePath}' is {entry.Status} and lacks its snapshot id or sequence numbers.", nameof(entry));
        }
    }

    /// <summary>Unassigned when a live entry inherits: the new number is the highest, so it counts only where all live entries inherit.</summary>
    private static long MinSequenceNumber(IReadOnlyList<ManifestEntry> entries) =>
        entries.Where(entry => entry is { IsLive: true, SequenceNumber: not null })
            .Select(entry => entry.SequenceNumber!.Value)
            .DefaultIfEmpty(ManifestFile.Unassigned)
            .Min();

    private static int Files(IReadOnlyList<ManifestEntry> entries, ManifestEntryStatus status) => entries.Count(entry => entry.Status == status);

    private static long Rows(IReadOnlyList<ManifestEntry> entries, ManifestEntryStatus status) =>
        entries.Where(entry => entry.Status == status).Sum(entry => entry.File.RecordCount);
}
