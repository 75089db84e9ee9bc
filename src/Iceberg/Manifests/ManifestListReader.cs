using Philotes.Iceberg.Avro;

namespace Philotes.Iceberg.Manifests;

/// <summary>Reads manifest lists of any writer, versions 1 to 3, by field id. Version 1 has no content and no sequence numbers: data, 0.</summary>
public static class ManifestListReader
{
    /// <exception cref="IcebergFormatException">Not a manifest list.</exception>
    public static IReadOnlyList<ManifestFile> Read(ReadOnlySpan<byte> bytes)
    {
        var contents = AvroFile.Read(bytes);
        return contents.Records.Select(record => Decode(new AvroRow(contents.Schema, record))).ToList();
    }

    private static ManifestFile Decode(AvroRow row) => new()
    {
        Path = row.Required<string>(500),
        Length = row.Required<long>(501),
        SpecId = row.Required<int>(502),
        Content = (ManifestContent)(row.Optional<int>(517) ?? 0),
        SequenceNumber = row.Optional<long>(515) ?? 0,
        MinSequenceNumber = row.Optional<long>(516) ?? 0,
        AddedSnapshotId = row.Optional<long>(503) ?? -1,
        AddedFilesCount = row.Optional<int>(504),
        ExistingFilesCount = row.Optional<int>(505),
        DeletedFilesCount = row.Optional<int>(506),
        AddedRowsCount = row.Optional<long>(512),
        ExistingRowsCount = row.Optional<long>(513),
        DeletedRowsCount = row.Optional<long>(514),
        Partitions = row.Rows(507)?.Select(summary => new FieldSummary(
            summary.Required<bool>(509), summary.Optional<bool>(518), summary[510] as byte[], summary[511] as byte[])).ToList(),
        KeyMetadata = row[519] as byte[],
        FirstRowId = row.Optional<long>(520),
    };
}
