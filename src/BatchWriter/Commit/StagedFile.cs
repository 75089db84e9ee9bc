using Philotes.Iceberg.Manifests;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Commit;

/// <summary>A data file in the ledger's JSON: everything its manifest entry says. Partition values and bounds are Iceberg's single-value bytes.</summary>
internal sealed record StagedFile(
    string Path,
    long Rows,
    long Bytes,
    int Spec,
    IReadOnlyList<byte[]?> Partition,
    IReadOnlyDictionary<int, long>? ColumnSizes,
    IReadOnlyDictionary<int, long>? ValueCounts,
    IReadOnlyDictionary<int, long>? NullCounts,
    IReadOnlyDictionary<int, long>? NanCounts,
    IReadOnlyDictionary<int, byte[]>? LowerBounds,
    IReadOnlyDictionary<int, byte[]>? UpperBounds,
    IReadOnlyList<long>? SplitOffsets,
    int? SortOrder = null)
{
    public static StagedFile Of(DataFile file, StructType partitionType) => new(
        file.FilePath, file.RecordCount, file.FileSizeInBytes, file.SpecId,
        [.. file.Partition.Select((value, i) => value is null ? null : SingleValue.Encode(partitionType.Fields[i].Type, value))],
        file.ColumnSizes, file.ValueCounts, file.NullValueCounts, file.NanValueCounts, file.LowerBounds, file.UpperBounds, file.SplitOffsets, file.SortOrderId);

    public DataFile ToDataFile(StructType partitionType) => new()
    {
        FilePath = Path,
        RecordCount = Rows,
        FileSizeInBytes = Bytes,
        SpecId = Spec,
        Partition = new PartitionValues([.. Partition.Select((bytes, i) => bytes is null ? null : SingleValue.Decode(partitionType.Fields[i].Type, bytes))]),
        ColumnSizes = ColumnSizes,
        ValueCounts = ValueCounts,
        NullValueCounts = NullCounts,
        NanValueCounts = NanCounts,
        LowerBounds = LowerBounds,
        UpperBounds = UpperBounds,
        SplitOffsets = SplitOffsets,
        SortOrderId = SortOrder,
    };
}
