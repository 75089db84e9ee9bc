using System.Globalization;
using Philotes.Iceberg.Avro;

namespace Philotes.Iceberg.Manifests;

/// <summary>Makes manifest lists of format version 2 (Iceberg spec, Manifest Lists), with the header keys that some readers rely on.</summary>
public static class ManifestListWriter
{
    /// <summary>Encodes the list of a snapshot. Manifests that are unassigned yet get the snapshot's sequence number.</summary>
    public static byte[] Write(long snapshotId, long? parentSnapshotId, long sequenceNumber, IReadOnlyList<ManifestFile> manifests)
    {
        var header = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["snapshot-id"] = Text(snapshotId),
            ["parent-snapshot-id"] = parentSnapshotId is { } parent ? Text(parent) : "null",
            ["sequence-number"] = Text(sequenceNumber),
            ["format-version"] = "2",
        };
        return AvroFile.Write(ManifestAvro.ListSchema, header, manifests.Select(manifest => Encode(manifest, snapshotId, sequenceNumber)));
    }

    private static object?[] Encode(ManifestFile manifest, long snapshotId, long sequenceNumber)
    {
        if (manifest.SequenceNumber == ManifestFile.Unassigned && manifest.AddedSnapshotId != snapshotId)
        {
            throw new ArgumentException(
                $"Manifest '{manifest.Path}' has no sequence number and is of snapshot {manifest.AddedSnapshotId}, not {snapshotId}.", nameof(manifest));
        }

        return
        [
            manifest.Path,
            manifest.Length,
            manifest.SpecId,
            (int)manifest.Content,
            Assigned(manifest.SequenceNumber, sequenceNumber),
            Assigned(manifest.MinSequenceNumber, sequenceNumber),
            manifest.AddedSnapshotId,
            Counted(manifest.AddedFilesCount, manifest),
            Counted(manifest.ExistingFilesCount, manifest),
            Counted(manifest.DeletedFilesCount, manifest),
            Counted(manifest.AddedRowsCount, manifest),
            Counted(manifest.ExistingRowsCount, manifest),
            Counted(manifest.DeletedRowsCount, manifest),
            manifest.Partitions?.Select(Encode).ToList(),
            manifest.KeyMetadata,
        ];
    }

    private static object? Encode(FieldSummary summary) =>
        new object?[] { summary.ContainsNull, summary.ContainsNan, summary.LowerBound, summary.UpperBound };

    private static long Assigned(long number, long sequenceNumber) => number == ManifestFile.Unassigned ? sequenceNumber : number;

    private static T Counted<T>(T? count, ManifestFile manifest)
        where T : struct => count ?? throw new ArgumentException(
            $"Manifest '{manifest.Path}' lacks a count, which version 2 requires; a version 1 list left it out.", nameof(manifest));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
