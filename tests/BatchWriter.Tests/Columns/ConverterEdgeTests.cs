using System.Text.Json.Nodes;
using Philotes.BatchWriter.Columns.Text;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests.Columns;

/// <summary>
/// One value for each edge that a converter handles by a line of its own: what would come out wrong if that line were gone. Written through a batch and read by the
/// reference implementation.
/// </summary>
[CancelAfter(120_000)]
public sealed class ConverterEdgeTests
{
    /// <summary>Type, text, and what a reader prints; null where the value is outside.</summary>
    private static readonly (string Type, string Text, string? Json)[] Edges =
    [
        ("boolean", "t", "true"), ("boolean", "f", "false"), ("boolean", "x", null),
        ("smallint", "-32768", "-32768"), ("integer", "2147483648", null), ("bigint", "-9223372036854775808", "-9223372036854775808"), ("integer", "1 ", null),
        ("oid", "4294967295", "4294967295"), ("xid", "-1", null), ("xid8", "18446744073709551615", "\"18446744073709551615\""),
        ("real", "-0", "\"-0.0\""), ("real", "NaN", "\"NaN\""), ("real", "-Infinity", "\"-Infinity\""), ("real", "1e39", null), ("double precision", "5e-324", "\"5e-324\""),
        ("numeric(5,2)", "NaN", null), ("numeric(5,2)", "1.001", null), ("numeric(5,2)", "1.500", "\"1.50\""), ("numeric(5,2)", "-999.99", "\"-999.99\""), ("numeric(5,2)", "1000", null),
        ("numeric(3,-2)", "12300", "\"12300\""), ("numeric(2,5)", "-0.00012", "\"-0.00012\""), ("numeric", "1.10", "\"1.10\""), ("numeric(39,0)", "NaN", "\"NaN\""),
        ("numeric(38,0)", "99999999999999999999999999999999999999", "\"99999999999999999999999999999999999999\""),
        ("money", "-$1,234.56", "\"-1234.56\""), ("money(0)", "$12.34", "\"1234\""), ("money(3)", "$12.34", "\"1.234\""),
        ("text", "", "\"\""), ("character(3)", "a  ", "\"a  \""), ("bytea", @"\x", "\"\""), ("bytea", @"\x00ff", "\"00ff\""), ("bytea", @"\x0", null),
        ("uuid", "00112233-4455-6677-8899-aabbccddeeff", "\"00112233-4455-6677-8899-aabbccddeeff\""), ("uuid", "00112233445566778899aabbccddeeff", null),
        ("date", "infinity", null), ("date", "2023-02-29", null), ("date", "0001-01-01 BC", "\"0000-01-01\""),
        ("timestamp without time zone", "294247-01-10 04:00:54.775808", null), ("timestamp with time zone", "1970-01-01 00:19:32+00:19:32", "\"1970-01-01T00:00:00.000000Z\""),
        ("timestamp with time zone", "1969-12-31 23:59:59-00:00:01", "\"1970-01-01T00:00:00.000000Z\""), ("time without time zone", "24:00:00", "\"24:00:00\""),
        ("integer[]", "{}", "[]"), ("integer[]", "{1,NULL}", "[1,null]"), ("integer[]", "[0:1]={1,2}", null), ("integer[]", "{1,x}", null), ("text[]", "{{a}}", null), ("text[][]", "{a}", null),
        ("text[]", """{"NULL",NULL,"","a\"\\"}""", """["NULL",null,"","a\"\\"]"""), ("box[;]", "{(1,1),(0,0);(2,2),(1,1)}", """["(1,1),(0,0)","(2,2),(1,1)"]"""),
        ("""row(1 "t" text, 2 "u" text)""", """("",)""", """{"t":"","u":null}"""), ("""row(1 "t" text, 2 "u" text)""", "(,)", """{"t":null,"u":null}"""),
        ("""row(1 "t" text, 2 "u" text)""", """("a""b","c\\d")""", """{"t":"a\"b","u":"c\\d"}"""),
        ("""row(1 "t" text, 2 "u" text)""", "(a)", null), ("""row(1 "t" text, 2 "u" text)""", "(a,b,c)", null),
        ("hstore", "", "[]"), ("hstore", "\"a\"=>NULL", """[["a",null]]"""), ("hstore", "\"a\"=>\"NULL\"", """[["a","NULL"]]"""), ("hstore", "\"a\"=>1", null),
        ("geometry", "0101FF", "\"0101ff\""), ("geometry", "010", null), ("vector", "[1,2.5]", """["1.0","2.5"]"""), ("vector", "[1,x]", null), ("halfvec", "{1}", null),
    ];

    [Test]
    public async Task Every_edge_of_every_converter_comes_back_or_is_recorded()
    {
        await using var bench = await WriterBench.StartAsync();
        var schema = WriterBench.Schema("edge", 'd', [("id", "integer", true), .. Edges.Select((edge, i) => ($"c{i}", edge.Type, false))]);
        await bench.AppendAsync(schema, Change.Insert(["1", .. Edges.Select(edge => edge.Text)]), Change.Insert(["2", .. Edges.Select(_ => (string?)null)]));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = (await ForeignReaders.ReadMetadataWithJavaAsync((await bench.LoadAsync("edge")).MetadataLocation!)).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        var row = rows.Single(found => found["id"]!.GetValue<int>() == 1);
        var recorded = await bench.ScalarAsync<string[]>("select array(select column_name || ' ' || original from philotes.value_exception)");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Edges.Select((edge, i) => (edge, i)).Where(edge => !Same(edge.edge.Json, row[$"c{edge.i}"]))
                .Select(edge => $"{edge.edge.Type} {edge.edge.Text}: {row[$"c{edge.i}"]?.ToJsonString() ?? "null"} and not {edge.edge.Json ?? "null"}"), Is.Empty);
            Assert.That(recorded, Is.EquivalentTo(Edges.Select((edge, i) => (edge, i)).Where(edge => edge.edge.Json is null).Select(edge => $"c{edge.i} {edge.edge.Text}")));
            Assert.That(rows.Single(found => found["id"]!.GetValue<int>() == 2).Where(value => value.Key.StartsWith('c')).Select(value => value.Value), Is.All.Null);
        }
    }

    [Test]
    public async Task Bytes_that_are_no_UTF8_are_outside_and_kept_as_hexadecimal_digits()
    {
        await using var bench = await WriterBench.StartAsync();
        var tuple = Tuple.Of("1", "??");
        tuple[^2] = tuple[^1] = 0xE9;
        await bench.AppendAsync(WriterBench.Schema("ascii", 'd', ("id", "integer", true), ("v", "text", false)), new Change(Shared.ChangeKind.Insert, null, tuple));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That((await bench.ReadAsync("ascii")).Single()["v"], Is.Null);
        Assert.That(await bench.ScalarAsync<string>("select original from philotes.value_exception"), Does.Contain("e9e9"));
    }

    [Test]
    public void A_real_in_a_column_that_became_double_keeps_its_own_value()
    {
        Assert.That(FloatText.TryParseWidened("0.1"u8, out var value), Is.True);
        Assert.That(value, Is.EqualTo((double)0.1f).And.Not.EqualTo(0.1));
    }

    private static bool Same(string? expected, JsonNode? actual) => expected is null ? actual is null : JsonNode.DeepEquals(JsonNode.Parse(expected), actual);
}
