using System.Diagnostics.Metrics;
using Philotes.Hosting;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests;

[CancelAfter(240_000)]
public sealed class ValueTests
{
    [Test]
    public async Task An_outside_value_lands_as_null_and_its_text_is_kept()
    {
        await using var bench = await WriterBench.StartAsync();
        var counted = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "philotes.values.replaced" && instrument.Meter.Scope == bench.Meters)
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref counted, count));
        listener.Start();
        var schema = WriterBench.Schema("outside", 'd', ("id", "integer", true), ("born", "date", false));
        await bench.AppendAsync(schema, Change.Insert("1", "infinity"), Change.Insert("2", "0044-03-15 BC"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await bench.ReadAsync("outside");
        Assert.That(rows, Has.Count.EqualTo(2));
        Assert.That(rows[0]["born"], Is.Null);
        Assert.That(rows[1]["born"], Is.Not.Null);
        Assert.That(await bench.ScalarAsync<string>("select column_name || '=' || original from philotes.value_exception"), Is.EqualTo("born=infinity"));
        Assert.That(Interlocked.Read(ref counted), Is.EqualTo(1), "the counter of replaced values");
    }

    [Test]
    public async Task A_rejected_row_is_parked_and_leaves_no_trace_in_its_neighbours()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { OnOutside = OnOutside.Reject });
        var schema = WriterBench.Schema("reject", 'd', ("id", "integer", true), ("note", "text", false), ("born", "date", false));
        await bench.AppendAsync(schema, Change.Insert("1", null, "infinity"), Change.Insert("2", "kept", "2024-01-01"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await bench.ReadAsync("reject");
        Assert.That(rows, Has.Count.EqualTo(1));
        Assert.That(rows[0]["note"]!.ToString(), Is.EqualTo("kept"));
        Assert.That(await bench.ScalarAsync<string>("select error_code from philotes.dead_letter"), Is.EqualTo("PH401"));
        Assert.That(await bench.ScalarAsync<string>("select state from philotes.batch"), Is.EqualTo("committed"));
    }

    [Test]
    public async Task Unchanged_values_come_from_the_old_image_when_it_has_them()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { Before = BeforeImage.Full });
        var schema = WriterBench.Schema("full", 'f', ("id", "integer", true), ("big", "text", true));
        await bench.AppendAsync(schema, Change.Update(["1", "long text"], "2", Tuple.Unchanged), Change.Delete("2", "long text"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await bench.ReadAsync("full");
        Assert.That(rows.Select(row => row["big"]!.ToString()), Is.All.EqualTo("long text"));
        Assert.That(rows[0]["_cdc_unchanged"], Is.Null);
        Assert.That(rows[0]["_cdc_before"]!.ToJsonString(), Is.EqualTo("{\"id\":1,\"big\":\"long text\"}"));
    }

    [Test]
    public async Task A_partitioned_table_has_a_file_in_every_partition()
    {
        await using var bench = await WriterBench.StartAsync(rule => rule with { Partition = ["country", "day(at)"] });
        var schema = WriterBench.Schema("parts", 'd', ("id", "integer", true), ("country", "text", false), ("at", "timestamp with time zone", false));
        await bench.AppendAsync(schema, Enumerable.Range(0, 60).Select(i => Change.Insert($"{i}", i % 3 == 0 ? null : $"c/{i % 3}", $"2026-01-0{(i % 2) + 1} 00:00:00+00")));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ReadAsync("parts"), Has.Count.EqualTo(60));
        var data = new Uri((await bench.LoadAsync("parts")).Metadata.Location).LocalPath + "/data";
        Assert.That(Directory.GetFiles(data, "*.parquet", SearchOption.AllDirectories), Has.Length.EqualTo(6));
    }

    [Test]
    public async Task Each_row_is_written_with_the_schema_it_was_captured_under()
    {
        await using var bench = await WriterBench.StartAsync();
        await bench.AppendAsync(WriterBench.Schema("evolve", 'd', ("id", "integer", true), ("a", "integer", false)), Change.Insert("1", "10"));
        await bench.AppendAsync(WriterBench.Schema("evolve", 'd', ("id", "bigint", true), ("a", "text", false), ("b", "boolean", false)), Change.Insert("4294967296", "ten", "t"));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        var rows = await bench.ReadAsync("evolve");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => row["id"]!.ToString()), Is.EqualTo(new[] { "1", "4294967296" }));
            Assert.That(rows.Select(row => row["a"]?.ToString()), Is.EqualTo(new[] { "10", null }));
            Assert.That(rows.Select(row => row["a__v2"]?.ToString()), Is.EqualTo(new[] { null, "ten" }));
            Assert.That(rows.Select(row => row["b"]?.ToString()), Is.EqualTo(new[] { null, "true" }));
        }
    }

    [Test]
    public async Task Edge_values_of_a_real_server_are_read_back_by_the_reference_implementation()
    {
        await using var bench = await WriterBench.StartAsync();
        var columns = new (string Name, string Type, string Value)[]
        {
            ("c_bool", "boolean", "true"), ("c_small", "smallint", "'-32768'::smallint"), ("c_int", "integer", "2147483647"),
            ("c_big", "bigint", "'-9223372036854775808'::bigint"), ("c_oid", "oid", "4294967295::oid"), ("c_real", "real", "'-Infinity'::real"),
            ("c_double", "double precision", "'-0'::float8"), ("c_nan", "double precision", "'NaN'::float8"), ("c_num", "numeric(10,2)", "1.10"),
            ("c_num38", "numeric(38,0)", "99999999999999999999999999999999999999"), ("c_free", "numeric", "1.100"), ("c_neg", "numeric(3,-2)", "12300"),
            ("c_small_num", "numeric(2,5)", "0.00012"), ("c_money", "money", "'-1234.56'::numeric::money"), ("c_text", "text", @"E'\\N \U0001F600'"),
            ("c_char", "character(4)", "'a'"), ("c_bytea", "bytea", @"'\x00ff'"), ("c_uuid", "uuid", "'00112233-4455-6677-8899-aabbccddeeff'"),
            ("c_date", "date", "'4714-11-24 BC'"), ("c_last", "date", "'5874897-12-31'"), ("c_time", "time without time zone", "'24:00'"),
            ("c_ts", "timestamp without time zone", "'294247-01-10 04:00:54.775807'"), ("c_tz", "timestamp with time zone", "'1969-12-31 23:59:59.999999+00'"),
            ("c_json", "jsonb", @"'{""a"": [1, null]}'"), ("c_array", "integer[]", "'{1,NULL}'"), ("c_null", "text", "null"),
        };
        var values = new List<string?>();
        foreach (var (_, type, value) in columns)
            values.Add(await OutputAsync(bench, type, value));
        var schema = WriterBench.Schema("edges", 'd', [.. columns.Select(column => (column.Name, column.Type, column.Name == "c_big"))]);
        await bench.AppendAsync(schema, Change.Insert([.. values]));

        await bench.Runner().RunUntilIdleAsync(CancellationToken.None);

        Assert.That(await bench.ScalarAsync<string>("select coalesce(string_agg(column_name, ','), '') from philotes.value_exception"), Is.Empty);
        var line = (await ForeignReaders.ReadWithJavaAsync(bench.CatalogUri, "public.edges_changelog")).Single();
        TestContext.Out.WriteLine(line);
        foreach (var expected in new[]
        {
            "\"c_small\":-32768", "\"c_big\":-9223372036854775808", "\"c_oid\":4294967295", "99999999999999999999999999999999999999", "\"c_free\":\"1.100\"", "0.00012",
            "-1234.56", "00ff", "00112233-4455-6677-8899-aabbccddeeff", "24:00:00", "\"c_char\":\"a   \"", "\"c_array\":[1,null]", "\"c_null\":null",
        })
            Assert.That(line, Does.Contain(expected));
    }

    /// <summary>The type's output text under the pinned session, by COPY's own output function.</summary>
    private static async Task<string?> OutputAsync(WriterBench bench, string type, string value)
    {
        await using var connection = await bench.Db.OpenConnectionAsync();
        await using var pin = connection.CreateCommand();
        pin.CommandText = "set datestyle = ISO; set timezone = UTC; set intervalstyle = iso_8601; set extra_float_digits = 3; set bytea_output = hex; set lc_monetary = 'C'";
        await pin.ExecuteNonQueryAsync();
        using var copy = await connection.BeginTextExportAsync($"copy (select ({value})::{type}) to stdout (format csv, null '<null>', quote '\"')");
        var text = (await copy.ReadToEndAsync()).TrimEnd('\n');
        return text == "<null>" ? null : text.StartsWith('"') ? text[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : text;
    }
}
