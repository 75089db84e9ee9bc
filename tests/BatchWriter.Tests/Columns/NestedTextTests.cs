using System.Text;
using Philotes.BatchWriter.Columns;
using Philotes.DuckDb;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests.Columns;

/// <summary>Text that no server writes: torn, deep, huge. It is refused, quickly, and what comes after it is written all the same.</summary>
public sealed class NestedTextTests
{
    private static readonly string[] Types = ["integer[]", "text[][]", "box[;]", "row(1 \"n\" integer, 2 \"t\" text[])", "row(1 \"n\" integer)[]", "hstore", "vector", "geometry", "((text[])[])[]"];

    private static readonly string[] Pieces =
        ["{", "}", "(", ")", "\"", "\\", ",", ";", "=>", "NULL", "1", "-", "[0:1]=", "[", "]", "a", "\"\"", "{}", "()", "\\\"", " ", "é", "{1,2}", "\"x\"=>\"y\"", "(1,\"{a}\")", "01"];

    [Test]
    public void Random_text_is_written_or_refused_and_never_more()
    {
        var random = new Random(20260101);
        var accepted = 0;
        for (var i = 0; i < 40_000; i++)
        {
            var (writer, chunk) = Open(Types[i % Types.Length]);
            using (chunk)
            {
                var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Pieces[random.Next(Pieces.Length)]));
                accepted += writer.TryWrite(chunk[0], 0, Encoding.UTF8.GetBytes(text)) ? 1 : 0;
                chunk[0].ClearNull(0);
                Assert.That(writer.TryWrite(chunk[0], 1, Sample(Types[i % Types.Length])), Is.True, $"a good value behind '{text}'");
            }
        }

        Assert.That(accepted, Is.GreaterThan(500), "the pieces must also make good values, or nothing is tested");
    }

    [Test]
    public void Every_prefix_of_a_value_is_refused_or_a_value()
    {
        foreach (var type in Types)
        {
            var whole = Sample(type);
            for (var length = 0; length < whole.Length; length++)
            {
                var (writer, chunk) = Open(type);
                using (chunk)
                    Assert.That(writer.TryWrite(chunk[0], 0, whole.AsSpan(0, length)), Is.EqualTo(IsWhole(type, length)), $"{type}, {length} bytes");
            }
        }
    }

    /// <summary>An hstore ends behind each entry, and hexadecimal digits behind each pair.</summary>
    private static bool IsWhole(string type, int length) => type switch { "hstore" => length is 0 or 8, "geometry" => length % 2 == 0, _ => false };

    [TestCase("text[]", '{')]
    [TestCase("text[]", '"')]
    [TestCase("text[]", '\\')]
    [TestCase("row(1 \"t\" text)", '(')]
    [TestCase("row(1 \"t\" text)", '"')]
    [TestCase("hstore", '"')]
    [TestCase("vector", '[')]
    [TestCase("vector", ',')]
    public void Sixteen_megabytes_of_one_character_are_refused_in_time(string type, char symbol)
    {
        var (writer, chunk) = Open(type);
        using (chunk)
        {
            var before = Environment.CpuUsage.TotalTime;
            Assert.That(writer.TryWrite(chunk[0], 0, Encoding.UTF8.GetBytes(Sample1(type) + new string(symbol, 16 << 20))), Is.False);
            Assert.That(Environment.CpuUsage.TotalTime - before, Is.LessThan(TimeSpan.FromSeconds(2)));
        }
    }

    [Test]
    public void An_array_of_a_million_elements_is_written()
    {
        var (writer, chunk) = Open("integer[]");
        using (chunk)
        {
            Assert.That(writer.TryWrite(chunk[0], 0, Encoding.UTF8.GetBytes("{" + string.Join(',', Enumerable.Range(0, 1_000_000)) + "}")), Is.True);
            Assert.That(chunk[0].Child.Values<int>()[999_999], Is.EqualTo(999_999));
        }
    }

    private static string Sample1(string type) => type switch { "text[]" => "{", "hstore" => "\"", "vector" => "[", _ => "(" };

    private static byte[] Sample(string type) => Encoding.UTF8.GetBytes(type switch
    {
        "integer[]" => "{1,NULL,-2}",
        "text[][]" => """{{a,"b\"\\"},{NULL,""}}""",
        "box[;]" => "{(2,2),(1,1);(4,4),(3,3)}",
        "hstore" => "\"a\"=>\"1\", \"b\"=>NULL",
        "vector" => "[1,2.5]",
        "geometry" => "0101",
        "((text[])[])[]" => """{"{\"{a,b}\"}",NULL}""",
        _ when type.EndsWith("[]", StringComparison.Ordinal) => "{(1),NULL}",
        _ => """(1,"{a,""b c""}")""",
    });

    private static (ColumnWriter Writer, DataChunk Chunk) Open(string type)
    {
        var mapping = TypeMap.For(PostgresType.Parse(type), new ColumnChoices());
        var id = 1;
        var field = new Iceberg.Types.NestedField(id, "v", Required: false, mapping.NewType(() => ++id));
        return (mapping.WriterInto(field.Type)!(), new DataChunk([new DuckDbField("v", Type(field.Type))]));
    }

    private static DuckDbType Type(Iceberg.Types.IcebergType type) => type switch
    {
        Iceberg.Types.ListType l => DuckDbType.List(Type(l.Element)),
        Iceberg.Types.MapType m => DuckDbType.Map(Type(m.Key), Type(m.Value)),
        Iceberg.Types.StructType s => DuckDbType.Struct([.. s.Fields.Select(field => new DuckDbField(field.Name, Type(field.Type)))]),
        Iceberg.Types.IntType => DuckDbType.Of(DuckDbTypeId.Integer),
        Iceberg.Types.FloatType => DuckDbType.Of(DuckDbTypeId.Float),
        Iceberg.Types.BinaryType => DuckDbType.Of(DuckDbTypeId.Blob),
        _ => DuckDbType.Of(DuckDbTypeId.Text),
    };
}
