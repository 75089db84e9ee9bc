using Philotes.DuckDb;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Parquet;

public sealed class ParquetFileWriterTests
{
    private static readonly IcebergSchema Numbers = ParquetFiles.OneColumn(new LongType());
    private ParquetFiles _files = null!;

    [SetUp]
    public void CreateFolder() => _files = new ParquetFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void Names_of_any_kind_and_names_that_differ_only_in_case_keep_their_field_ids()
    {
        string[] names = ["a", "A", "A_2", "it's", "\"q\"", "dotted.name", "🦆", "select", "__duckdb_field_id", "{}", "ä", "Ä", " "];
        var schema = new IcebergSchema(0, names.Select((name, i) => new NestedField(i + 10, name, false, new IntType())).ToList());
        var file = _files.Write(schema, 1, chunk =>
        {
            for (var i = 0; i < names.Length; i++)
                chunk[i].Values<int>()[0] = i;
        });
        var elements = ForeignReader.Read(file.Path).GetProperty("metadata").GetProperty("schema").EnumerateArray().Skip(1).ToList();
        Assert.That(elements.Select(e => e.GetProperty("field_id").GetInt32()), Is.EqualTo(Enumerable.Range(10, names.Length)));
        Assert.That(elements[0].GetProperty("name").GetString(), Is.EqualTo("a"));
        Assert.That(elements[1].GetProperty("name").GetString(), Is.EqualTo("A_3"));
        Assert.That(elements[2].GetProperty("name").GetString(), Is.EqualTo("A_2"));
        Assert.That(elements[3].GetProperty("name").GetString(), Is.EqualTo("it_x27s"), "spelt as Iceberg's Java library spells it");
        Assert.That(elements[6].GetProperty("name").GetString(), Is.EqualTo("_xD83E_xDD86"));
        Assert.That(ForeignReader.Rows(file.Path)[0], Is.EqualTo(Enumerable.Range(0, names.Length).Select(i => $"{i}")));
    }

    [Test]
    public void Nested_fields_carry_their_ids()
    {
        var schema = new IcebergSchema(0, [
            new NestedField(1, "s", false, new StructType([new NestedField(2, "X", false, new IntType()), new NestedField(3, "x", false, new UuidType())])),
            new NestedField(4, "l", false, new ListType(5, new StructType([new NestedField(6, "y", false, new StringType())]), false)),
            new NestedField(7, "m", false, new MapType(8, new StringType(), 9, new UuidType(), false))]);
        var file = _files.Write(schema, 1, chunk =>
        {
            foreach (var vector in chunk.Vectors)
                vector.SetNull(0);
        });
        var ids = ForeignReader.Read(file.Path).GetProperty("metadata").GetProperty("schema").EnumerateArray()
            .Where(e => e.TryGetProperty("field_id", out _)).Select(e => e.GetProperty("field_id").GetInt32());
        Assert.That(ids, Is.EqualTo(Enumerable.Range(1, 9)));
    }

    [Test]
    public void Rows_keep_their_order_over_row_groups_and_the_offsets_tell_where_those_start()
    {
        const int rowCount = 50_000;
        using var writer = _files.Create(Numbers, _files.Options with { RowGroupRowMax = 10_000 });
        var file = WriteNumbers(writer, rowCount);
        var read = ForeignReader.Read(file.Path);
        Assert.That(read.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("c").GetString()), Is.EqualTo(Enumerable.Range(0, rowCount).Select(i => $"{i}")));
        var groups = read.GetProperty("metadata").GetProperty("row_groups");
        Assert.That(groups.GetArrayLength(), Is.GreaterThan(3).And.EqualTo(file.SplitOffsets.Count));
        Assert.That(file.SplitOffsets, Is.Ordered.And.All.Positive);
        Assert.That(file.Metrics[1].UpperBound, Is.EqualTo(BitConverter.GetBytes((long)rowCount - 1)));
    }

    [Test]
    public void The_estimate_is_near_the_size_before_the_file_is_complete()
    {
        using var writer = _files.Create(Numbers, _files.Options with { RowGroupRowMax = 10_000 });
        long estimate = 0;
        for (var n = 0; n < 300_000; n += DataChunk.Capacity)
        {
            AppendNumbers(writer, n, DataChunk.Capacity);
            estimate = writer.EstimatedByteCount;
        }
        Assert.That(writer.Complete().ByteCount, Is.EqualTo(estimate).Within(30).Percent);
    }

    [Test]
    public void A_file_without_rows_is_a_file()
    {
        using var writer = _files.Create(Numbers);
        var file = writer.Complete();
        Assert.That(file, Is.EqualTo(file with { RecordCount = 0 }));
        Assert.That(file.SplitOffsets, Is.Empty);
        Assert.That(ForeignReader.Rows(file.Path), Is.Empty);
    }

    [Test]
    public void A_writer_that_is_given_up_leaves_no_file()
    {
        using (var writer = _files.Create(Numbers, _files.Options with { RowGroupRowMax = 2048 }))
        {
            for (var i = 0; i < 20; i++)
                AppendNumbers(writer, 0, DataChunk.Capacity);
        }
        Assert.That(Directory.GetFiles(_files.Folder, "*.parquet"), Is.Empty);
    }

    [Test]
    public void A_file_that_cannot_be_written_is_an_error_and_not_a_hang()
    {
        using var writer = ParquetFileWriter.Create(_files.Options, Numbers, Path.Combine(_files.Folder, "no such folder", "f.parquet"));
        Assert.That(
            () =>
            {
                for (var i = 0; i < 100; i++)
                    AppendNumbers(writer, 0, 1);
                writer.Complete();
            },
            Throws.TypeOf<DuckDbException>().With.Message.Contains("no such folder"));
    }

    [Test]
    public void Large_values_stay_within_a_small_memory_limit()
    {
        using var writer = _files.Create(
            ParquetFiles.OneColumn(new BinaryType()), _files.Options with { MemoryByteMax = 64L << 20, RowGroupByteMax = 8L << 20 });
        var random = new Random(7);
        var value = new byte[1 << 20];
        for (var i = 0; i < 200; i++)
        {
            random.NextBytes(value);
            writer.Chunk[0].SetText(0, value);
            writer.AppendChunk(1);
        }
        var file = writer.Complete();
        Assert.That(file.ByteCount, Is.GreaterThan(200L << 20));
        Assert.That(file.SplitOffsets, Has.Count.GreaterThan(10));
    }

    [Test]
    public void Files_of_other_columns_follow_each_other_and_one_that_fails_harms_none()
    {
        for (var round = 0; round < 3; round++)
        {
            using (var numbers = _files.Create(Numbers))
            {
                Assert.That(ForeignReader.Rows(WriteNumbers(numbers, 10).Path), Has.Length.EqualTo(10));
            }

            var text = _files.WriteColumn(new StringType(), ParquetFiles.Text($"round {round}"), null);
            Assert.That(ForeignReader.Rows(text.Path)[0], Is.EqualTo(new[] { $"round {round}" }));
            using var failing = ParquetFileWriter.Create(_files.Options, Numbers, Path.Combine(_files.Folder, "no such folder", "f.parquet"));
            Assert.That(() => failing.Complete(), Throws.TypeOf<DuckDbException>());
        }
    }

    [Test]
    public void Writers_at_the_same_time_do_not_meet()
    {
        var writers = Enumerable.Range(0, 4).Select(_ => _files.Create(Numbers)).ToList();
        var files = writers.Select((writer, i) => WriteNumbers(writer, 1000 * (i + 1))).ToList();
        writers.ForEach(writer => writer.Dispose());
        Assert.That(files.Select(file => file.RecordCount), Is.EqualTo(new[] { 1000, 2000, 3000, 4000 }));
        Assert.That(files.Select(file => ForeignReader.Rows(file.Path).Length), Is.EqualTo(new[] { 1000, 2000, 3000, 4000 }));
    }

    [Test]
    public void Fixed_is_refused() =>
        Assert.That(() => _files.Create(ParquetFiles.OneColumn(new FixedType(8))), Throws.TypeOf<NotSupportedException>());

    private static ParquetFile WriteNumbers(ParquetFileWriter writer, int rowCount)
    {
        for (var n = 0; n < rowCount; n += DataChunk.Capacity)
            AppendNumbers(writer, n, Math.Min(DataChunk.Capacity, rowCount - n));
        return writer.Complete();
    }

    private static void AppendNumbers(ParquetFileWriter writer, int first, int rowCount)
    {
        var values = writer.Chunk[0].Values<long>();
        for (var row = 0; row < rowCount; row++)
            values[row] = first + row;
        writer.AppendChunk(rowCount);
    }
}
