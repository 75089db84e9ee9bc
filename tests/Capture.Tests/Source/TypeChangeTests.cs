namespace Philotes.Capture.Tests.Source;

/// <summary>What becomes of a column when something beside its table changes: its type, or what is published of it.</summary>
[CancelAfter(180_000)]
internal sealed class TypeChangeTests
{
    [Test]
    public async Task A_type_that_was_dropped_and_made_again_is_found_under_its_new_oid(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create extension hstore; create type mood as enum ('sad'); create table t (id int primary key, h hstore, m mood)", token);
        await using var capture = await rig.StartAsync(token);
        await RunAsync(rig, "insert into t values (1, 'a=>1', 'sad')", token);
        await rig.ExecuteAsync("alter table t alter h type text, alter m type text; drop extension hstore; drop type mood", token);
        await rig.ExecuteAsync("create extension hstore; create type mood as enum ('sad', 'glad'); alter table t alter h type hstore using h::hstore, alter m type mood using m::mood", token);
        rig.Source.Clear();
        await RunAsync(rig, "insert into t values (2, 'b=>2', 'glad')", token);

        Assert.That((await rig.EventsAsync(token)).Select(change => change.ToString()), Is.EqualTo(new[] { "t i >1|\"a\"=>\"1\"|sad", "t i >2|\"b\"=>\"2\"|glad" }));
        Assert.That(await TypesAsync(rig, token), Is.All.EqualTo("integer hstore enum"));
    }

    [Test]
    public async Task A_type_that_nobody_knows_any_more_keeps_its_text_and_stops_nothing(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table before (id int primary key)", token);
        await (await rig.StartAsync(token)).StopAsync();
        await rig.ExecuteAsync("create type size as enum ('small'); create type range as range (subtype = int); create table before2 (id int primary key); alter table before add s size, add r range", token);
        await rig.ExecuteAsync("insert into before values (1, 'small', '[1,5)')", token);
        await rig.ExecuteAsync("alter table before drop s, drop r; drop type size; drop type range; insert into before values (2)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CaughtUpAsync(token);

        Assert.That((await rig.EventsAsync(token)).Select(change => change.ToString()), Is.EqualTo(new[] { "before i >1|small|[1,5)", "before i >2" }));
        Assert.That(await TypesAsync(rig, token), Is.EqualTo(new[] { "integer unknown unknown", "integer" }));
    }

    [Test]
    public async Task Labels_of_an_enum_are_those_of_the_moment_and_no_new_version(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create type mood as enum ('sad'); create table t (id int primary key, m mood)", token);
        await using var capture = await rig.StartAsync(token);
        await RunAsync(rig, "insert into t values (1, 'sad')", token);
        await rig.ExecuteAsync("alter type mood add value 'glad'", token);
        await RunAsync(rig, "insert into t values (2, 'glad')", token);
        await rig.ExecuteAsync("alter type mood rename value 'sad' to 'blue'", token);
        await RunAsync(rig, "insert into t values (3, 'blue'); update t set m = m where id = 1", token);

        Assert.That((await rig.EventsAsync(token)).Select(change => change.ToString()), Is.EqualTo(new[] { "t i >1|sad", "t i >2|glad", "t i >3|blue", "t u >1|blue" }));
        Assert.That(await TypesAsync(rig, token), Is.EqualTo(new[] { "integer enum" }));
    }

    [Test]
    public async Task A_column_list_or_row_filter_that_changes_is_followed_in_the_same_columns(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { ManagedPublication = false, PublicationName = "part" };
        await rig.ExecuteAsync("create table t (id int primary key, a text, b text); create publication part for table t (id, a)", token);
        await using var capture = await rig.StartAsync(token);
        await RunAsync(rig, "insert into t values (1, 'a', 'b')", token);
        await RunAsync(rig, "alter publication part set table t (id, b) where (id < 10); insert into t values (2, 'a', 'b'), (20, 'a', 'b')", token);
        await RunAsync(rig, "alter publication part set table t; insert into t values (30, 'a', 'b')", token);

        Assert.That((await rig.EventsAsync(token)).Select(change => change.ToString()), Is.EqualTo(new[] { "t i >1|a", "t i >2|b", "t i >30|a|b" }));
        Assert.That(await rig.BufferAsync<string[]>("select array_agg(column_numbers::text order by schema_id) from philotes.table_schema", token), Is.EqualTo(new[] { "{1,2}", "{1,3}", "{1,2,3}" }));
    }

    [Test]
    public async Task Tables_that_inherit_are_tables_of_their_own(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table parent (id int primary key, v text); create table child (extra int, primary key (id)) inherits (parent)", token);
        await using var capture = await rig.StartAsync(token);
        await RunAsync(rig, "insert into parent values (1, 'p'); insert into child values (2, 'c', 3); update parent set v = 'all'; alter table parent add more int; insert into child values (3, 'd', 4, 5); truncate parent", token);

        Assert.That((await rig.EventsAsync(token)).Select(change => change.ToString()), Is.EqualTo(new[]
        {
            "parent i >1|p", "child i >2|c|3", "parent u >1|all", "child u >2|all|3", "child i >3|d|4|5", "parent t >", "child t >",
        }));
    }

    private static async Task RunAsync(CaptureRig rig, string sql, CancellationToken token)
    {
        await rig.ExecuteAsync(sql, token);
        await rig.CaughtUpAsync(token);
    }

    private static Task<string[]> TypesAsync(CaptureRig rig, CancellationToken token) => rig.BufferAsync<string[]>(
        "select array(select array_to_string(column_types, ' ') from philotes.table_schema where not column_types = '{}' order by schema_id)", token);
}
