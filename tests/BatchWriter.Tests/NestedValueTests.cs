using System.Text.Json.Nodes;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests;

[CancelAfter(240_000)]
public sealed class NestedValueTests
{
    private const string Address = """row(1 "street" text, 3 "tags" integer[], 4 "a.b" boolean)""";

    [Test]
    public async Task Arrays_composites_and_maps_land_as_lists_structs_and_maps()
    {
        await using var bench = await WriterBench.StartAsync();
        var schema = WriterBench.Schema("nested", 'd',
            ("id", "integer", true), ("list", "integer[]", false), ("grid", "text[][]", false), ("boxes", "box[;]", false), ("home", Address, false),
            ("homes", Address + "[]", false), ("attributes", "hstore", false), ("lists", "(integer[])[]", false));
        await bench.AppendAsync(schema,
            Change.Insert("1", "{1,NULL,-3}", """{{a,"b \"q\" \\ {}"},{NULL,"NULL"}}""", "{(2,2),(1,1);(4,4),(3,3)}", """("High ""St"", 5",{1;2},t)""".Replace(';', ','),
                """{"(a,\"{1}\",)",NULL,"(,,)"}""", """ "a"=>"1", "b \"q\""=>NULL""".Trim(), """{"{1,2}",NULL,"{}"}"""),
            Change.Insert("2", "{}", "{}", "{}", "(,,)", "{}", "", "{}"),
            Change.Insert("3", null, null, null, null, null, null, null));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await bench.ReadAsync("nested");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await bench.ScalarAsync<string?>("select string_agg(column_name, ',') from philotes.value_exception"), Is.EqualTo("home"));
            Assert.That(Json(rows[0], "list"), Is.EqualTo("[1,null,-3]"));
            Assert.That(Json(rows[0], "grid"), Is.EqualTo("""[["a","b \"q\" \\ {}"],[null,"NULL"]]"""));
            Assert.That(Json(rows[0], "boxes"), Is.EqualTo("""["(2,2),(1,1)","(4,4),(3,3)"]"""));
            Assert.That(Json(rows[0], "homes"), Is.EqualTo("""[{"street":"a","tags":[1],"a.b":null},null,{"street":null,"tags":null,"a.b":null}]"""));
            Assert.That(Json(rows[0], "attributes"), Is.EqualTo("""[["a","1"],["b \"q\"",null]]"""));
            Assert.That(Json(rows[0], "lists"), Is.EqualTo("[[1,2],null,[]]"));
            Assert.That(Json(rows[1], "home"), Is.EqualTo("""{"street":null,"tags":null,"a.b":null}"""));
            Assert.That(Json(rows[1], "list") + Json(rows[1], "grid") + Json(rows[1], "homes") + Json(rows[1], "attributes"), Is.EqualTo("[][][][]"));
            Assert.That(new[] { "list", "grid", "boxes", "home", "homes", "attributes", "lists" }.Select(column => rows[2][column]), Is.All.Null);
        }
    }

    [Test]
    public async Task An_outside_element_makes_its_column_null_and_leaves_no_trace_in_its_neighbours()
    {
        await using var bench = await WriterBench.StartAsync();
        var schema = WriterBench.Schema("outside_nested", 'd', ("id", "integer", true), ("days", "date[]", false), ("pair", """row(1 "n" integer, 2 "days" date[])""", false));
        await bench.AppendAsync(schema,
            Change.Insert("1", "{2024-01-01,NULL,infinity}", "(1,\"{NULL,NULL,infinity}\")"),
            Change.Insert("2", "{2024-01-01,2024-01-02,2024-01-03}", "(2,\"{2024-01-01,2024-01-02,2024-01-03}\")"),
            Change.Insert("3", "[0:1]={2024-01-01,2024-01-02}", "(3,,4)"),
            Change.Insert("4", "{{2024-01-01}}", "(4"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await bench.ReadAsync("outside_nested");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => row["days"] is null), Is.EqualTo(new[] { true, false, true, true }));
            Assert.That(rows.Select(row => row["pair"] is null), Is.EqualTo(new[] { true, false, true, true }));
            Assert.That(rows[1]["days"]!.AsArray(), Has.Count.EqualTo(3).And.None.Null);
            Assert.That(rows[1]["pair"]!["days"]!.AsArray(), Has.Count.EqualTo(3).And.None.Null);
            Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.value_exception"), Is.EqualTo(6));
        }
    }

    [Test]
    public async Task A_struct_follows_its_attribute_numbers()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(WriterBench.Schema("follows", 'd', ("id", "integer", true), ("v", """row(1 "a" integer, 2 "b" text)""", false)), Change.Insert("1", "(1,one)"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);
        await bench.AppendAsync(WriterBench.Schema("follows", 'd', ("id", "integer", true), ("v", """row(1 "renamed" bigint, 3 "b" integer)""", false)), Change.Insert("2", "(2,22)"));
        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await ForeignReaders.ReadMetadataWithJavaAsync((await bench.LoadAsync("follows")).MetadataLocation!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows[0], Does.Contain("""
                "v":{"renamed":1,"b":"one","b_2":null}
                """));
            Assert.That(rows[1], Does.Contain("""
                "v":{"renamed":2,"b":null,"b_2":22}
                """));
        }
    }

    [Test]
    public async Task Column_options_choose_type_name_dimensions_and_policy()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with
        {
            Columns = new Dictionary<string, ColumnRule>
            {
                ["amount"] = new() { Numeric = "decimal(10,2)", Name = "total" },
                ["at"] = new() { Time = "time" },
                ["born"] = new() { As = ColumnForm.String },
                ["grid"] = new() { Dimensions = 2 },
                ["strict"] = new() { OnOutside = OnOutside.Reject },
            },
        });
        var schema = WriterBench.Schema("options", 'd',
            ("id", "integer", true), ("amount", "numeric", false), ("at", "time without time zone", false), ("born", "date", false), ("grid", "integer[]", false), ("strict", "date", false));
        await bench.AppendAsync(schema, Change.Insert("1", "1.5", "10:00:00", "infinity", "{{1},{2}}", null), Change.Insert("2", "1.555", "24:00:00", null, null, null), Change.Insert("3", null, null, null, null, "infinity"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var fields = (await bench.LoadAsync("options")).Metadata.Schema.Fields;
        var rows = await bench.ReadAsync("options");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fields.Take(6).Select(field => $"{field.Name} {field.Type}"), Is.EqualTo(new[] { "id int", "total decimal(10, 2)", "at time", "born string", "grid list<list<int>>", "strict date" }));
            Assert.That(rows, Has.Count.EqualTo(2));
            Assert.That(rows[0]["born"]!.ToString() + Json(rows[0], "grid"), Is.EqualTo("infinity[[1],[2]]"));
            Assert.That(rows[1]["total"] is null && rows[1]["at"] is null, Is.True);
            Assert.That(await bench.ScalarAsync<string>("select string_agg(column_name || '=' || original, ' ' order by column_name) from philotes.value_exception"), Is.EqualTo("amount=1.555 at=24:00:00"));
            Assert.That(await bench.ScalarAsync<long>("select count(*) from philotes.dead_letter"), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task An_unchanged_value_comes_from_an_earlier_change_of_the_same_key_in_the_batch()
    {
        await using var bench = await WriterBench.StartAsync();
        var schema = WriterBench.Schema("toast", 'd', ("id", "integer", true), ("big", "text", false), ("small", "text", false));
        var (first, second) = (new string('x', 3000), new string('y', 3000));
        await bench.AppendAsync(schema,
            Change.Update(null, "1", Tuple.Unchanged, "before anything is known"),
            Change.Insert("2", first, "a"), Change.Update(null, "2", Tuple.Unchanged, "b"), Change.Update(["2", null, null], "3", Tuple.Unchanged, "moved"),
            Change.Update(null, "2", Tuple.Unchanged, "another row of the old key"), Change.Update(null, "3", second, "c"), Change.Update(null, "3", Tuple.Unchanged, "d"),
            Change.Delete("3", null, null), Change.Update(null, "3", Tuple.Unchanged, "after its delete"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await bench.ReadAsync("toast");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => row["big"]?.ToString()), Is.EqualTo(new[] { null, first, first, first, null, second, second, null, null }));
            Assert.That(rows.Select(row => row["_cdc_unchanged"]?.AsArray().Count ?? 0), Is.EqualTo(new[] { 1, 0, 0, 0, 1, 0, 0, 0, 1 }));
        }
    }

    private static string Json(JsonObject row, string column) => row[column]?.ToJsonString(Relaxed) ?? "null";

    private static System.Text.Json.JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
