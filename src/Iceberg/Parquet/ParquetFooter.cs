using System.Buffers.Binary;

namespace Philotes.Iceberg.Parquet;

/// <summary>
/// The end of a Parquet file: <c>FileMetaData (Thrift compact) · int32 LE length · "PAR1"</c>. It is read for the metrics of the
/// manifest, and written back without what other engines read wrongly:
/// <list type="bullet">
/// <item>the converted types INT_32 and INT_64 on plain integers. They say nothing, and Spark's vectorised reader fails on them once
/// the column was widened from int to long;</item>
/// <item>statistics of uuid columns. Iceberg's Java library compares uuids as signed numbers, Parquet orders them as bytes: a filter
/// would skip row groups that hold the value.</item>
/// </list>
/// Nothing before the footer is touched, so no offset in it moves.
/// </summary>
internal sealed class ParquetFooter
{
    private const int TailByteCount = 8;
    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    private readonly ThriftValue.Struct _file;
    private readonly long _start;

    private ParquetFooter(ThriftValue.Struct file, long start)
    {
        _file = file;
        _start = start;
        var elements = file.Structs(ParquetIds.FileSchema).ToList();
        var next = 0;
        Leaves = [.. LeavesOf(elements, ref next, isRepeated: false)];
        for (var i = 0; i < Leaves.Count; i++)
            Leaves[i] = Leaves[i] with { Index = i };
    }

    public List<ParquetLeaf> Leaves { get; }

    public long RowCount => _file.Long(ParquetIds.FileRowCount) ?? 0;

    public IEnumerable<ThriftValue.Struct> Elements => _file.Structs(ParquetIds.FileSchema);

    public IEnumerable<ThriftValue.Struct> RowGroups => _file.Structs(ParquetIds.FileRowGroups);

    /// <summary>Where the row groups start: at the first page of their first column.</summary>
    public IReadOnlyList<long> SplitOffsets() => RowGroups.Select(group => ColumnsOf(group).Select(FirstPage).Min()).Order().ToList();

    public static ParquetFooter Read(Stream stream)
    {
        Span<byte> tail = stackalloc byte[TailByteCount];
        stream.Seek(-TailByteCount, SeekOrigin.End);
        stream.ReadExactly(tail);
        var length = BinaryPrimitives.ReadInt32LittleEndian(tail);
        var start = stream.Length - TailByteCount - length;
        if (!tail[4..].SequenceEqual(Magic) || length <= 0 || start < Magic.Length)
            throw new IcebergFormatException("The file is not Parquet: its last bytes are no footer.");
        var bytes = new byte[length];
        stream.Position = start;
        stream.ReadExactly(bytes);
        return new ParquetFooter(new ThriftCompactReader(bytes).ReadStruct(), start);
    }

    /// <summary>Takes out what is read wrongly; <paramref name="uuidFieldIds"/> are the fields whose statistics go.</summary>
    public void Patch(IReadOnlySet<int> uuidFieldIds)
    {
        foreach (var element in Elements)
        {
            if (element.Long(ParquetIds.ElementConvertedType) is ParquetIds.ConvertedInt32 or ParquetIds.ConvertedInt64)
                element.Fields.Remove(ParquetIds.ElementConvertedType);
        }
        foreach (var leaf in Leaves.Where(leaf => uuidFieldIds.Contains(leaf.FieldId)))
        {
            foreach (var column in ChunksOf(leaf))
                column.Fields.Remove(ParquetIds.ColumnStatistics);
        }
    }

    /// <summary>Replaces the footer of the file that this one was read from. A crash within leaves a file that no reader opens.</summary>
    public void Write(Stream stream)
    {
        var bytes = ThriftCompactWriter.Write(_file);
        Span<byte> tail = stackalloc byte[TailByteCount];
        BinaryPrimitives.WriteInt32LittleEndian(tail, bytes.Length);
        Magic.CopyTo(tail[4..]);
        stream.SetLength(_start);
        stream.Position = _start;
        stream.Write(bytes);
        stream.Write(tail);
    }

    /// <summary>The column's ColumnMetaData, row group by row group.</summary>
    public IEnumerable<ThriftValue.Struct> ChunksOf(ParquetLeaf leaf) => RowGroups.Select(group => ColumnsOf(group).ElementAt(leaf.Index));

    private static IEnumerable<ThriftValue.Struct> ColumnsOf(ThriftValue.Struct group) =>
        group.Structs(ParquetIds.GroupColumns).Select(chunk => chunk.Inner(ParquetIds.ChunkMetadata)
            ?? throw new IcebergFormatException("The Parquet footer has a column chunk without metadata."));

    private static long FirstPage(ThriftValue.Struct column)
    {
        var dictionary = column.Long(ParquetIds.ColumnDictionaryPage) ?? 0;
        var data = column.Long(ParquetIds.ColumnDataPage) ?? 0;
        return dictionary > 0 ? Math.Min(dictionary, data) : data;
    }

    /// <summary>The schema is its tree, depth first: each element is followed by its children.</summary>
    private static List<ParquetLeaf> LeavesOf(List<ThriftValue.Struct> elements, ref int next, bool isRepeated)
    {
        var element = elements[next++];
        isRepeated |= element.Long(ParquetIds.ElementRepetition) == ParquetIds.Repeated;
        var childCount = element.Long(ParquetIds.ElementChildCount) ?? 0;
        if (childCount == 0)
            return [new ParquetLeaf(Index: 0, (int)(element.Long(ParquetIds.ElementFieldId) ?? 0), isRepeated)];
        var leaves = new List<ParquetLeaf>();
        for (var i = 0; i < childCount; i++)
            leaves.AddRange(LeavesOf(elements, ref next, isRepeated));
        return leaves;
    }
}
