using System.Globalization;
using System.Text.Json;
using Philotes.Iceberg.Avro;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Manifests;

/// <summary>
/// Reads manifests of any writer, versions 1 to 3: by field id, whatever the order and the extra fields. What entries inherit from the
/// manifest list (Iceberg spec, Sequence Number Inheritance) is filled in, so that every entry read has all three numbers.
/// </summary>
public static class ManifestReader
{
    /// <param name="file">The manifest's line in the manifest list.</param>
    /// <exception cref="IcebergFormatException">Not a manifest, or one with types that this library does not know.</exception>
    public static Manifest Read(ReadOnlySpan<byte> bytes, ManifestFile file)
    {
        var contents = AvroFile.Read(bytes);
        var header = ReadHeader(contents);
        if (header.Content != file.Content)
        {
            throw new IcebergFormatException($"Manifest '{file.Path}' says {header.Content} and its manifest list says {file.Content}.");
        }

        return new Manifest(header, contents.Records.Select(record => ReadEntry(new AvroRow(contents.Schema, record), header, file)).ToList());
    }

    private static ManifestHeader ReadHeader(AvroContents contents)
    {
        using var fields = JsonDocument.Parse(contents.Header("partition-spec"));
        var specId = int.Parse(contents.Metadata.GetValueOrDefault("partition-spec-id") ?? "0", CultureInfo.InvariantCulture);
        return new ManifestHeader(
            IcebergSchema.Parse(contents.Header("schema")),
            new PartitionSpec(specId, PartitionJson.ReadFields(fields.RootElement)),
            contents.Metadata.GetValueOrDefault("content") == "deletes" ? ManifestContent.Deletes : ManifestContent.Data);
    }

    private static ManifestEntry ReadEntry(AvroRow row, ManifestHeader header, ManifestFile file)
    {
        var status = (ManifestEntryStatus)row.Required<int>(0);
        var inherits = status == ManifestEntryStatus.Added;
        return new ManifestEntry(
            status,
            row.Optional<long>(1) ?? file.AddedSnapshotId,
            row.Optional<long>(3) ?? Inherited(inherits, file),
            row.Optional<long>(4) ?? Inherited(inherits, file),
            DataFileAvro.Decode(row.Row(2), header.Spec));
    }

    /// <summary>A manifest of version 1 has sequence number 0, and so have all its entries.</summary>
    private static long Inherited(bool inherits, ManifestFile file) => inherits || file.SequenceNumber == 0
        ? file.SequenceNumber
        : throw new IcebergFormatException($"Manifest '{file.Path}' has an entry that is not new and lacks its sequence number.");
}
