using System.Text;

namespace Philotes.DuckDb.Tests;

public sealed class ChunkStreamTests
{
    private string _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("philotes-duckdb-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Rows_reach_the_statement_in_the_order_they_were_appended()
    {
        const int chunkCount = 100;
        var lines = CopyToCsv([new DuckDbField("n", DuckDbType.Of(DuckDbTypeId.BigInt))], (stream, chunk) =>
        {
            for (var i = 0; i < chunkCount; i++)
            {
                for (var row = 0; row < DataChunk.Capacity; row++)
                    chunk[0].Values<long>()[row] = (long)i * DataChunk.Capacity + row;
                Assert.That(stream.TryAppend(chunk, DataChunk.Capacity), Is.True);
            }
        });
        Assert.That(lines, Is.EqualTo(Enumerable.Range(0, chunkCount * DataChunk.Capacity).Select(n => $"{n}")));
    }

    [Test]
    public void Texts_nulls_decimals_and_uuids_keep_their_values()
    {
        var guid = Guid.Parse("ff112233-4455-6677-8899-aabbccddeeff");
        DuckDbField[] columns =
        [
            new("t", DuckDbType.Of(DuckDbTypeId.Text)), new("d", DuckDbType.Decimal(38, 2)), new("u", DuckDbType.Of(DuckDbTypeId.Uuid)),
        ];
        var lines = CopyToCsv(columns, (stream, chunk) =>
        {
            chunk[0].SetText(0, "a text longer than the inline twelve bytes, 🦆"u8);
            chunk[1].Values<Int128>()[0] = -Int128.Parse(new string('9', 38));
            chunk[2].Values<Int128>()[0] = UuidValue.FromGuid(guid);
            chunk[0].SetNull(1);
            chunk[1].SetNull(1);
            chunk[2].SetNull(1);
            stream.TryAppend(chunk, 2);
        });
        Assert.That(lines, Is.EqualTo(new[] { $"\"a text longer than the inline twelve bytes, 🦆\",-{new string('9', 36)}.99,{guid}", ",," }));
    }

    [Test]
    public void Lists_grow_past_the_capacity_of_a_chunk_and_keep_their_nulls()
    {
        var element = DuckDbType.Struct([new("s", DuckDbType.Of(DuckDbTypeId.Text)), new("l", DuckDbType.List(DuckDbType.Of(DuckDbTypeId.Integer)))]);
        var lines = CopyToCsv([new DuckDbField("v", DuckDbType.List(element))], (stream, chunk) =>
        {
            for (var row = 0; row < 3; row++)
                FillList(chunk[0], row, length: 3000);
            chunk[0].SetNull(3);
            stream.TryAppend(chunk, 4);
        }, select: "len(v), v[3000].s, v[2].l[2], list_count(list_transform(v, x -> x.s))");
        Assert.That(lines, Is.EqualTo(new[] { "3000,text 0 2999,1,2999", "3000,text 1 2999,1,2999", "3000,text 2 2999,1,2999", ",,," }));
    }

    [Test]
    public void A_statement_that_fails_releases_its_producer()
    {
        using var engine = DuckDbDatabase.OpenInMemory(new DuckDbOptions { TempFolder = _folder });
        using var connection = engine.Connect();
        using var function = ChunkFunction.Register(connection);
        DuckDbField[] columns = [new("n", DuckDbType.Of(DuckDbTypeId.BigInt))];
        using var stream = function.Open(columns);
        using var chunk = new DataChunk(columns);
        var statement = RunAside(() => connection.Execute($"select error('stop') from {ChunkFunction.Call}"), stream);
        var taken = true;
        for (var i = 0; i < 100 && taken; i++)
            taken = stream.TryAppend(chunk, 1);
        Assert.That(() => statement.GetAwaiter().GetResult(), Throws.TypeOf<DuckDbException>().With.Message.Contains("stop"));
        Assert.That(taken, Is.False);
    }

    [Test]
    public void Rows_that_are_given_up_fail_the_statement()
    {
        using var engine = DuckDbDatabase.OpenInMemory(new DuckDbOptions { TempFolder = _folder });
        using var connection = engine.Connect();
        using var function = ChunkFunction.Register(connection);
        using var stream = function.Open([new("n", DuckDbType.Of(DuckDbTypeId.BigInt))]);
        var statement = RunAside(() => connection.Execute($"create table t as select * from {ChunkFunction.Call}"), stream);
        stream.Abort();
        Assert.That(() => statement.GetAwaiter().GetResult(), Throws.TypeOf<DuckDbException>().With.Message.Contains("given up"));
    }

    private static void FillList(Vector list, int row, int length)
    {
        var offset = list.AddList(row, length);
        for (var i = 0; i < length; i++)
        {
            var at = offset + i;
            list.Child.Fields[0].SetText(at, Encoding.UTF8.GetBytes($"text {row} {i}"));
            var inner = list.Child.Fields[1].AddList(at, 2);
            list.Child.Fields[1].Child.Values<int>()[inner] = row;
            list.Child.Fields[1].Child.Values<int>()[inner + 1] = 1;
        }
        list.Child.SetNull(offset);
    }

    private string[] CopyToCsv(IReadOnlyList<DuckDbField> columns, Action<ChunkStream, DataChunk> fill, string select = "*")
    {
        var path = Path.Combine(_folder, "it's \"rows\".csv");
        using var engine = DuckDbDatabase.OpenInMemory(new DuckDbOptions { TempFolder = _folder });
        using var connection = engine.Connect();
        using var function = ChunkFunction.Register(connection);
        using var stream = function.Open(columns);
        using var chunk = new DataChunk(columns);
        var statement = RunAside(() => connection.Execute(
            $"copy (select {select} from {ChunkFunction.Call}) to {SqlText.Literal(path)} (format csv, header false)"), stream);
        fill(stream, chunk);
        stream.Complete();
        statement.GetAwaiter().GetResult();
        return File.ReadAllLines(path);
    }

    private static Task RunAside(Action statement, ChunkStream stream) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                statement();
            }
            finally
            {
                stream.Stop();
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
