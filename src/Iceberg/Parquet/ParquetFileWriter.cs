using Philotes.DuckDb;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Parquet;

/// <summary>
/// Writes one Parquet file of an Iceberg schema: fill <see cref="Chunk"/>, append it, again, then complete. The caller fills while
/// DuckDB encodes what was appended before on a thread of its own; one chunk stream joins the two, and no row is held longer than
/// its row group. Another encoder can take DuckDB's place behind this type.
///
/// The file is what all engines read rightly: Parquet v1 encodings, zstd, a field id on every column, and a footer without what some
/// readers misread (<see cref="ParquetFooter"/>). Columns are OPTIONAL in the file even where the schema says required.
///
/// A writer that is disposed before it completed removes its file. Not for use by two threads at once.
/// </summary>
public sealed class ParquetFileWriter : IDisposable
{
    private readonly IcebergSchema _schema;
    private readonly string _path;
    private readonly EncoderEngine _engine;
    private readonly string _tempFolder;
    private readonly DuckDbConnection _connection;
    private readonly ChunkStream _rows;
    private readonly EncodeThread _encode;
    private readonly NanCounter[] _nanCounters;
    private readonly EncodedSize _size;
    private readonly int _fixedRowByteCount;
    private long _rowCount;
    private bool _ended;

    private ParquetFileWriter(ParquetWriterOptions options, IcebergSchema schema, string path)
    {
        var layout = ParquetLayout.Of(schema);
        _schema = schema;
        _path = path;
        if (File.Exists(path))
            File.Delete(path);
        _size = new EncodedSize(path, options.SizeRatio);
        _fixedRowByteCount = layout.Columns.Sum(column => column.Type.ValueByteCount);
        _tempFolder = options.TempFolder;
        _engine = EncoderEngine.Rent(options);
        _connection = _engine.Connect(_tempFolder);
        _rows = _engine.Open(layout.Columns);
        Chunk = new DataChunk(layout.Columns);
        _nanCounters = NanCounter.For(schema.Fields, Chunk.Vectors).ToArray();
        _encode = new EncodeThread(_connection, _rows, CopyStatement(options, layout, Order(options, schema), path));
    }

    /// <summary>The rows to fill next, a vector for each column in the schema's order.</summary>
    public DataChunk Chunk { get; }

    public long RowCount => _rowCount;

    /// <summary>About what the file would weigh if it were completed now.</summary>
    public long EstimatedByteCount => _size.Estimate(_rowCount == 0 ? 0 : (double)_rows.RowsTaken / _rowCount);

    /// <summary>Of the values that were appended, before encoding.</summary>
    public long RawByteCount => _size.RawByteCount;

    /// <param name="path">A local file, which is replaced if it exists.</param>
    public static ParquetFileWriter Create(ParquetWriterOptions options, IcebergSchema schema, string path) => new(options, schema, path);

    /// <summary>Hands the first rows of the chunk over; it is empty again afterwards. Waits when the encoder is behind.</summary>
    /// <exception cref="DuckDbException">Encoding failed, with this chunk or an earlier one: the disk is full, a limit is too low.</exception>
    public void AppendChunk(int rowCount)
    {
        if (rowCount == 0)
            return;
        foreach (var counter in _nanCounters)
            counter.Add(rowCount);
        _size.Add((long)_fixedRowByteCount * rowCount + Chunk.TextByteCount);
        if (!_rows.TryAppend(Chunk, rowCount))
            throw Failed(_encode.Join());
        _rowCount += rowCount;
    }

    /// <summary>Finishes the file, patches its footer and reads its metrics from it.</summary>
    public ParquetFile Complete()
    {
        _rows.Complete();
        if (_encode.Join() is { } failure)
            throw Failed(failure);
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite);
        var footer = ParquetFooter.Read(stream);
        if (footer.RowCount != _rowCount)
            throw new IcebergFormatException($"The file holds {footer.RowCount} rows of the {_rowCount} that were appended.");
        var metrics = FooterMetrics.Of(footer, _schema, _nanCounters.ToDictionary(counter => counter.FieldId, counter => counter.Count));
        footer.Patch(_schema.AllFields().Where(field => field.Type is UuidType).Select(field => field.Id).ToHashSet());
        footer.Write(stream);
        _ended = true;
        return new ParquetFile(_path, stream.Length, _rowCount, metrics, footer.SplitOffsets());
    }

    public void Dispose()
    {
        _rows.Abort();
        _encode.Join();
        _connection.Dispose();
        _rows.Dispose();
        Chunk.Dispose();
        if (_ended && !Directory.Exists(_tempFolder))
            _engine.Return();
        else
            _engine.Dispose();
        if (!_ended && File.Exists(_path))
            File.Delete(_path);
    }

    private static string Order(ParquetWriterOptions options, IcebergSchema schema) =>
        options.Sort.Fields.Count == 0 ? "" : $" order by {SortColumns.OrderBy(options.Sort, schema) ?? throw new ArgumentException("Rows cannot be sorted by this order.", nameof(options))}";

    private static string CopyStatement(ParquetWriterOptions options, ParquetLayout layout, string order, string path) => FormattableString.Invariant($"""
        copy (select * from {ChunkFunction.Call}{order}) to {SqlText.Literal(path)} (
            format parquet, parquet_version v1, compression zstd, compression_level {options.ZstdLevel},
            row_group_size {options.RowGroupRowMax}, row_group_size_bytes {options.RowGroupByteMax},
            use_tmp_file false, {Dictionaries(layout)}field_ids {layout.FieldIds})
        """);

    /// <summary>
    /// DuckDB's dictionaries compare numbers, and its 0.0 equals its −0.0: a column that holds both would get whichever came first. The limit is one for the
    /// whole file, so a file with a floating column, at whatever depth, has no dictionaries; zstd finds most of what they would have.
    /// </summary>
    private static string Dictionaries(ParquetLayout layout) => layout.Columns.Any(static column => HasFloats(column.Type)) ? "dictionary_size_limit 0, " : "";

    private static bool HasFloats(DuckDbType type) =>
        type.Id is DuckDbTypeId.Float or DuckDbTypeId.Double || type.Fields.Any(static field => HasFloats(field.Type));

    private static DuckDbException Failed(Exception? cause) => new($"The Parquet file was not written: {cause?.Message}", cause);
}
