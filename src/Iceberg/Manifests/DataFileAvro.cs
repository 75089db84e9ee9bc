using Philotes.Iceberg.Avro;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Manifests;

/// <summary>A data file as the record <c>r2</c> and back, in the order of <see cref="ManifestAvro.EntrySchema"/>; read by field id.</summary>
internal static class DataFileAvro
{
    public static object?[] Encode(DataFile file, StructType partitionType) =>
    [
        (int)file.Content,
        file.FilePath,
        file.FileFormat,
        PartitionAvro.Encode(partitionType, file.Partition),
        file.RecordCount,
        file.FileSizeInBytes,
        EncodeMap(file.ColumnSizes),
        EncodeMap(file.ValueCounts),
        EncodeMap(file.NullValueCounts),
        EncodeMap(file.NanValueCounts),
        EncodeMap(file.LowerBounds),
        EncodeMap(file.UpperBounds),
        file.KeyMetadata,
        EncodeList(file.SplitOffsets),
        EncodeList(file.EqualityIds),
        file.SortOrderId,
        file.ReferencedDataFile,
    ];

    public static DataFile Decode(AvroRow row, PartitionSpec spec) => new()
    {
        Content = (DataFileContent)(row.Optional<int>(134) ?? 0),
        FilePath = row.Required<string>(100),
        FileFormat = row.Required<string>(101),
        SpecId = spec.SpecId,
        Partition = PartitionAvro.Decode(row.Row(102), spec),
        RecordCount = row.Required<long>(103),
        FileSizeInBytes = row.Required<long>(104),
        ColumnSizes = DecodeMap<long>(row, 108, 117, 118),
        ValueCounts = DecodeMap<long>(row, 109, 119, 120),
        NullValueCounts = DecodeMap<long>(row, 110, 121, 122),
        NanValueCounts = DecodeMap<long>(row, 137, 138, 139),
        LowerBounds = DecodeMap<byte[]>(row, 125, 126, 127),
        UpperBounds = DecodeMap<byte[]>(row, 128, 129, 130),
        KeyMetadata = row[131] as byte[],
        SplitOffsets = DecodeList<long>(row, 132),
        EqualityIds = DecodeList<int>(row, 135),
        SortOrderId = row.Optional<int>(140),
        ReferencedDataFile = row[143] as string,
        FirstRowId = row.Optional<long>(142),
        ContentOffset = row.Optional<long>(144),
        ContentSizeInBytes = row.Optional<long>(145),
    };

    private static List<object?>? EncodeMap<T>(IReadOnlyDictionary<int, T>? map) =>
        map?.OrderBy(pair => pair.Key).Select(object? (pair) => new object?[] { pair.Key, pair.Value }).ToList();

    private static List<object?>? EncodeList<T>(IReadOnlyList<T>? list) => list?.Select(item => (object?)item).ToList();

    private static SortedDictionary<int, T>? DecodeMap<T>(AvroRow row, int fieldId, int keyId, int valueId)
    {
        if (row.Rows(fieldId) is not { } pairs)
        {
            return null;
        }

        var map = new SortedDictionary<int, T>();
        foreach (var pair in pairs)
        {
            map[pair.Required<int>(keyId)] = pair.Required<T>(valueId);
        }

        return map;
    }

    private static T[]? DecodeList<T>(AvroRow row, int fieldId) =>
        row[fieldId] is List<object?> items ? items.Select(item => Item<T>(item, fieldId)).ToArray() : null;

    private static T Item<T>(object? item, int fieldId) =>
        item is T value ? value : throw new IcebergFormatException($"Field {fieldId} has an item that is no {typeof(T).Name}.");
}
