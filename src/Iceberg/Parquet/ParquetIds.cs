namespace Philotes.Iceberg.Parquet;

/// <summary>Field numbers and enum values of parquet.thrift, as far as they are looked at.</summary>
internal static class ParquetIds
{
    public const short FileSchema = 2, FileRowCount = 3, FileRowGroups = 4;

    public const short ElementRepetition = 3, ElementName = 4, ElementChildCount = 5, ElementConvertedType = 6, ElementFieldId = 9;
    public const long Repeated = 2, ConvertedInt32 = 17, ConvertedInt64 = 18;

    public const short GroupColumns = 1, GroupRowCount = 3;

    public const short ChunkMetadata = 3;
    public const short ColumnValueCount = 5, ColumnCompressedByteCount = 7, ColumnDataPage = 9, ColumnDictionaryPage = 11, ColumnStatistics = 12;

    public const short StatisticsNullCount = 3, StatisticsMax = 5, StatisticsMin = 6;
}
