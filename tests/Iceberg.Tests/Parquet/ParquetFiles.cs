using Philotes.DuckDb;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Parquet;

/// <summary>Writes files for a test into a folder that goes away with it.</summary>
internal sealed class ParquetFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("philotes-parquet-").FullName;

    public ParquetWriterOptions Options => new() { TempFolder = Path.Combine(Folder, "spill") };

    public ParquetFileWriter Create(IcebergSchema schema, ParquetWriterOptions? options = null) =>
        ParquetFileWriter.Create(options ?? Options, schema, Path.Combine(Folder, $"{Guid.NewGuid():N}.parquet"));

    public ParquetFile Write(IcebergSchema schema, int rowCount, Action<DataChunk> fill)
    {
        using var writer = Create(schema);
        fill(writer.Chunk);
        writer.AppendChunk(rowCount);
        return writer.Complete();
    }

    /// <summary>One column, one chunk; an action for each row, null for a null.</summary>
    public ParquetFile WriteColumn(IcebergType type, params Action<Vector, int>?[] rows) =>
        Write(OneColumn(type), rows.Length, chunk => FillColumn(chunk[0], rows));

    public static IcebergSchema OneColumn(IcebergType type) => new(0, [new NestedField(1, "c", Required: false, type)]);

    public static void FillColumn(Vector vector, Action<Vector, int>?[] rows)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row] is { } set)
                set(vector, row);
            else
                vector.SetNull(row);
        }
    }

    public static Action<Vector, int> Value<T>(T value) where T : unmanaged => (vector, row) => vector.Values<T>()[row] = value;

    public static Action<Vector, int> Text(string value) => (vector, row) => vector.SetText(row, System.Text.Encoding.UTF8.GetBytes(value));

    public static Action<Vector, int> Bytes(params byte[] value) => (vector, row) => vector.SetText(row, value);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
