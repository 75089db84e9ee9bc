using Philotes.DuckDb;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Parquet;

public sealed class SortedFileTests
{
    private static readonly IcebergSchema Schema = new(0, [
        new NestedField(7, "note", Required: false, new StringType()), new NestedField(9, "id", Required: false, new LongType()),
        new NestedField(11, "at", Required: false, new TimestampTzType()), new NestedField(12, "ratio", Required: false, new DoubleType())]);

    private ParquetFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new ParquetFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void Rows_are_sorted_by_each_column_in_its_direction_with_nulls_where_they_belong()
    {
        string?[] notes = ["b", null, "a", "Z", "ä", "b", "", "a", "🦆"];
        long?[] ids = [1, 2, null, 4, 5, 9, 7, 8, 3];
        using var writer = _files.Create(Schema, _files.Options with { Sort = SortOrder.Parse(["note", "id desc nulls first"], Schema) });
        for (var row = 0; row < notes.Length; row++)
            Fill(writer.Chunk, row, notes[row], ids[row]);
        writer.AppendChunk(notes.Length);
        var file = writer.Complete();
        Assert.That(
            ForeignReader.Rows(file.Path).Select(row => $"{row[0]} {row[1]}"),
            Is.EqualTo(new[] { "null 2", " 7", "Z 4", "a null", "a 8", "b 9", "b 1", "ä 5", "🦆 3" }));
    }

    [Test]
    public void A_file_larger_than_the_memory_is_sorted_too()
    {
        const int rowCount = 1_200_000;
        var random = new Random(1);
        var pad = new string('x', 60);
        using var writer = _files.Create(Schema, _files.Options with { Sort = SortOrder.Parse(["id"], Schema), MemoryByteMax = 64L << 20, RowGroupByteMax = 4L << 20 });
        for (var n = 0; n < rowCount;)
        {
            var count = Math.Min(DataChunk.Capacity, rowCount - n);
            for (var row = 0; row < count; row++)
                Fill(writer.Chunk, row, pad + random.Next(), random.Next());
            writer.AppendChunk(count);
            n += count;
        }

        var spilled = Directory.Exists(_files.Options.TempFolder);
        var file = writer.Complete();
        Assert.That(spilled, Is.True, "120 MB do not fit into 64");
        Assert.That(file.RecordCount, Is.EqualTo(rowCount));
        Assert.That(Disorders(file.Path), Is.EqualTo("0"));
    }

    [TestCase("id", true)]
    [TestCase("note desc, day(at)", true)]
    [TestCase("truncate(3, note)", true)]
    [TestCase("day(at), id", false)]
    [TestCase("bucket(16, id)", false)]
    [TestCase("ratio", false)]
    public void What_cannot_be_kept_is_said_not_to_be(string order, bool canSort) =>
        Assert.That(SortColumns.CanSort(SortOrder.Parse(order.Replace("(16, ", "(16,").Replace("(3, ", "(3,").Split(", "), Schema), Schema), Is.EqualTo(canSort));

    /// <summary>Rows that are less than the one before them in the file.</summary>
    private static string? Disorders(string path)
    {
        using var database = DuckDbDatabase.OpenInMemory(new DuckDbOptions { MemoryByteMax = 512L << 20, ThreadCount = 1, TempFolder = path + ".spill" });
        using var connection = database.Connect();
        return connection.QueryTexts($"select count(*)::varchar from (select id, lag(id) over (order by file_row_number) as before from read_parquet({SqlText.Literal(path)}, file_row_number = true)) where id < before")[0][0];
    }

    private static void Fill(DataChunk chunk, int row, string? note, long? id)
    {
        if (note is null)
            chunk[0].SetNull(row);
        else
            chunk[0].SetText(row, System.Text.Encoding.UTF8.GetBytes(note));
        if (id is { } number)
            chunk[1].Values<long>()[row] = number;
        else
            chunk[1].SetNull(row);
        chunk[2].SetNull(row);
        chunk[3].SetNull(row);
    }
}
