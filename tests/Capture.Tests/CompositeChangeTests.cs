using Philotes.Capture.Tests.Copy;

namespace Philotes.Capture.Tests;

/// <summary>
/// The source does not describe a table again when a composite type that it holds is altered, wherever in a column it stands: no row may be taken for one of the
/// other state, and where nobody can know, it is said.
/// </summary>
[CancelAfter(300_000)]
internal sealed class CompositeChangeTests
{
    private const string Before = """row(1 "street" text, 2 "no" integer)""";
    private const string After = """row(1 "street" text, 3 "zip" text)""";
    private const string Replace = "alter type address drop attribute no; alter type address add attribute zip text";

    [Test]
    public async Task An_altered_type_is_seen_at_the_first_row_that_shows_it(CancellationToken token)
    {
        await using var rig = await RigAsync("a address", token);
        await using (await rig.StartAsync(token))
        {
            await RunAsync(rig, """insert into t values (1, ('a, "b"', 1))""", token);
            await rig.ExecuteAsync("alter type address add attribute zip text", token);
            await RunAsync(rig, "insert into t values (2, ('b', 2, 'x')), (3, null); insert into t values (4, (null, null, null))", token);
            await rig.ExecuteAsync("alter type address drop attribute no", token);
            await RunAsync(rig, "update t set id = 5 where id = 1", token);
        }

        Assert.That(await TypesOfRowsAsync(rig, token), Is.EqualTo(new[] { Before, Three, Three, Three, After }));
        Assert.That((await rig.EventsAsync(token))[^1].New![1], Is.EqualTo("(\"a, \"\"b\"\"\",)"));
        Assert.That(await NoticesAsync(rig, token), Is.Empty);
    }

    private const string Three = """row(1 "street" text, 2 "no" integer, 3 "zip" text)""";

    [TestCase("a address", "('s', 1)", "('s', 'x')", "{0}")]
    [TestCase("a address[]", "array[('s', 1), null]::address[]", "array[null, ('s', 'x')]::address[]", "{0}[]")]
    [TestCase("a place", "(array[('s \"q\" {,', 1)]::address[], null)", "(array[('s', 'x')]::address[], null)", """row(1 "l" {0}[], 2 "n" integer)""")]
    [TestCase("a home", "('s', 1)", "('s', 'x')", "{0}")]
    public async Task A_field_dropped_and_another_added_between_two_rows_are_two_fields(string column, string first, string second, string type, CancellationToken token)
    {
        await using var rig = await RigAsync(column, token);
        await using (await rig.StartAsync(token))
        {
            await RunAsync(rig, $"insert into t values (1, {first})", token);
            await rig.ExecuteAsync(Replace, token);
            await RunAsync(rig, $"insert into t values (2, {second}); delete from t where id = 2", token);
        }

        Assert.That(await TypesOfRowsAsync(rig, token), Is.EqualTo(new[] { Before, After, After }.Select(row => type.Replace("{0}", row, StringComparison.Ordinal))));
        Assert.That(await NoticesAsync(rig, token), Is.Empty);
    }

    [Test]
    public async Task Rows_that_fit_both_states_go_by_the_transactions_and_that_is_said(CancellationToken token)
    {
        await using var rig = await RigAsync("a address", token);
        await using (await rig.StartAsync(token))
        {
            await RunAsync(rig, "insert into t values (1, ('s', 1))", token);
            await rig.ExecuteAsync(Replace, token);
            await RunAsync(rig, "insert into t values (2, ('s', '2'))", token);
        }

        Assert.That(await TypesOfRowsAsync(rig, token), Is.EqualTo(new[] { Before, After }));
        Assert.That(await NoticesAsync(rig, token), Is.EqualTo(new[] { "PH211 a" }));
    }

    [Test]
    public async Task Rows_and_the_change_in_one_transaction_are_told_apart_by_their_fields(CancellationToken token)
    {
        await using var rig = await RigAsync("a address[]", token);
        await using (await rig.StartAsync(token))
        {
            await RunAsync(rig, $"begin; insert into t values (1, array[('s', 1)]::address[]); {Replace}; insert into t values (2, array[('s', 'x')]::address[]); commit", token);
        }

        Assert.That(await TypesOfRowsAsync(rig, token), Is.EqualTo(new[] { Before + "[]", After + "[]" }).Or.EqualTo(new[] { After + "[]", After + "[]" }));
        Assert.That(await NoticesAsync(rig, token), Is.EqualTo(new[] { "PH211 a" }), "nobody saw the type before its transaction");
    }

    [Test]
    public async Task A_renamed_field_goes_by_its_new_name_from_the_next_row_on(CancellationToken token)
    {
        await using var rig = await RigAsync("a address[]", token);
        await using (await rig.StartAsync(token))
        {
            await RunAsync(rig, "insert into t values (1, array[('s', 1)]::address[])", token);
            await rig.ExecuteAsync("alter type address rename attribute no to number", token);
            await RunAsync(rig, "insert into t values (2, array[('s', 2)]::address[])", token);
        }

        Assert.That(await TypesOfRowsAsync(rig, token), Is.EqualTo(new[] { Before + "[]", Before.Replace("no", "number", StringComparison.Ordinal) + "[]" }));
        Assert.That(await NoticesAsync(rig, token), Is.Empty, "a name moves no value");
    }

    [Test]
    public async Task Rows_from_before_and_behind_a_change_that_capture_slept_through_are_told_apart(CancellationToken token)
    {
        await using var rig = await RigAsync("a address", token);
        await using (await rig.StartAsync(token))
        {
            await RunAsync(rig, "insert into t values (1, ('s', 1))", token);
        }

        await rig.ExecuteAsync("insert into t values (2, ('s', 2))", token);
        await rig.ExecuteAsync(Replace, token);
        await rig.ExecuteAsync("insert into t values (3, ('s', 'x')), (4, ('s', '4'))", token);
        await rig.ExecuteAsync("update t set a = null where id = 1", token);
        await using (await rig.StartAsync(token))
        {
            await rig.CaughtUpAsync(token);
        }

        Assert.That(await TypesOfRowsAsync(rig, token), Is.EqualTo(new[] { Before, Before, After, After, After }));
        Assert.That(await NoticesAsync(rig, token), Is.EqualTo(new[] { "PH211 a" }));
    }

    [Test]
    public async Task A_type_altered_in_the_middle_of_a_copy_makes_it_begin_anew(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy.Halting() };
        await rig.ExecuteAsync(
            "create type address as (street text, no int); create table t (id int primary key, a address[]); insert into t select i, array[(repeat('x', 700), 1)]::address[] from generate_series(1, 400) i", token);
        await using var capture = await rig.StartAsync(token);
        await rig.PartsAsync(3, token);
        await rig.ExecuteAsync(Replace, token);
        await rig.CopiedAndTakenAsync(1, token);

        var types = await TypesAsync(rig, token);
        var events = await rig.EventsAsync(token);
        var last = events.Skip(events.FindLastIndex(change => change.Op == 't') + 1).ToList();
        Assert.That(last, Has.Count.EqualTo(400));
        Assert.That(last.Select(change => (types[change.SchemaId], change.New![1]!.Split(',')[^1])).Distinct(), Is.EqualTo(new[] { (After + "[]", ")\"}") }));
    }

    private static async Task<CaptureRig> RigAsync(string column, CancellationToken token)
    {
        var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync(
            $"create type address as (street text, no int); create type place as (l address[], n int); create domain home as address; create table t (id int primary key, {column}); alter table t replica identity full", token);
        return rig;
    }

    private static async Task RunAsync(CaptureRig rig, string sql, CancellationToken token)
    {
        await rig.ExecuteAsync(sql, token);
        await rig.CaughtUpAsync(token);
    }

    /// <summary>What the second column of each captured row is decoded as.</summary>
    private static async Task<IReadOnlyList<string>> TypesOfRowsAsync(CaptureRig rig, CancellationToken token)
    {
        var types = await TypesAsync(rig, token);
        return [.. (await rig.EventsAsync(token)).Select(change => types[change.SchemaId])];
    }

    private static async Task<Dictionary<int, string>> TypesAsync(CaptureRig rig, CancellationToken token)
    {
        await using var command = rig.Buffer.CreateCommand("select schema_id, column_types[2] from philotes.table_schema");
        await using var reader = await command.ExecuteReaderAsync(token);
        var types = new Dictionary<int, string>();
        while (await reader.ReadAsync(token))
            types.Add(reader.GetInt32(0), reader.GetString(1));
        return types;
    }

    private static Task<string[]> NoticesAsync(CaptureRig rig, CancellationToken token) =>
        rig.BufferAsync<string[]>("select array(select distinct code || ' ' || column_name from philotes.schema_notice order by 1)", token);
}
