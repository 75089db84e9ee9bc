using Philotes.Shared;

namespace Philotes.Capture.Tests;

[CancelAfter(180_000)]
internal sealed class CaptureSessionTests
{
    [Test]
    public async Task Every_kind_of_change_arrives_once_and_in_order(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key, name text)", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("insert into t values (1, 'one'), (2, null)", token);
        await rig.ExecuteAsync("update t set name = 'eins' where id = 1", token);
        await rig.ExecuteAsync("update t set id = 3 where id = 2", token);
        await rig.ExecuteAsync("delete from t where id = 3", token);
        await rig.ExecuteAsync("truncate t", token);
        await rig.CaughtUpAsync(token);

        var events = await rig.EventsAsync(token);
        Assert.That(events.Select(e => e.ToString()), Is.EqualTo((string[])
        [
            "t i >1|one", "t i >2|NULL", "t u >1|eins", "t u 2|NULL>3|NULL", "t d 3|NULL>", "t t >",
        ]));
        Assert.That(events.Select(e => e.Sequence), Is.EqualTo((long[])[0, 1, 0, 0, 0, 0]));
    }

    [Test]
    public async Task What_was_rolled_back_never_arrives(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("begin; insert into t values (1); rollback", token);
        await rig.ExecuteAsync("begin; insert into t values (2); savepoint a; insert into t values (3); rollback to a; insert into t values (4); commit", token);
        await rig.CaughtUpAsync(token);

        Assert.That((await rig.EventsAsync(token)).Select(e => (e.New![0], e.Sequence)), Is.EqualTo(new[] { ("2", 0L), ("4", 1L) }));
    }

    [Test]
    public async Task Unchanged_toast_is_marked_and_never_null(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key, n int, big text); alter table t alter big set storage external", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("insert into t values (1, 1, repeat('x', 9000))", token);
        await rig.ExecuteAsync("update t set n = 2", token);
        await rig.CaughtUpAsync(token);

        var update = (await rig.EventsAsync(token))[1];
        Assert.That(update.New, Is.EqualTo(new[] { "1", "2", "~" }));
    }

    [TestCase("", "1|NULL")]
    [TestCase("alter table t replica identity full", "1|a")]
    [TestCase("create unique index tn on t (name); alter table t alter name set not null; alter table t replica identity using index tn", "NULL|a")]
    public async Task The_old_image_is_what_the_replica_identity_sends(string identity, string old, CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync($"create table t (id int primary key, name text); {identity}", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("insert into t values (1, 'a')", token);
        await rig.ExecuteAsync("delete from t", token);
        await rig.CaughtUpAsync(token);

        Assert.That((await rig.EventsAsync(token))[1].ToString(), Is.EqualTo($"t d {old}>"));
    }

    [Test]
    public async Task A_table_without_identity_keeps_its_application_and_gives_its_inserts(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table log (line text); create table nothing (id int primary key); alter table nothing replica identity nothing", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("insert into log values ('a'); insert into nothing values (1)", token);
        await rig.ExecuteAsync("update log set line = 'b'; delete from nothing", token);
        await rig.CaughtUpAsync(token);
        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EqualTo((string[])["log i >a", "nothing i >1"]));
        Assert.That(rig.Log.Lines, Has.Some.Contains("PH120").And.Some.Contains("replica identity full"));

        await rig.ExecuteAsync("alter table log replica identity full", token);
        await CaptureRig.UntilAsync(() => rig.SourceAsync<bool>("select exists (select from pg_publication_tables where tablename = 'log' and pubname not like '%append_only')", token), token);
        await rig.ExecuteAsync("update log set line = 'c'", token);
        await rig.CaughtUpAsync(token);
        Assert.That((await rig.EventsAsync(token))[^1].ToString(), Is.EqualTo("log u b>c"));
    }

    [Test]
    public async Task Hostile_names_and_values_arrive_as_they_are(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("""create schema "a.b"; create table "a.b"."we""ird; drop table x --" ("i d" int primary key, "名" text)""", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("""insert into "a.b"."we""ird; drop table x --" values (1, E'\\N \t "quoted" 😀')""", token);
        await rig.CaughtUpAsync(token);

        var only = (await rig.EventsAsync(token)).Single();
        Assert.That(only.Table, Is.EqualTo("we\"ird; drop table x --"));
        Assert.That(only.New![1], Is.EqualTo("\\N \t \"quoted\" 😀"));
    }

    [Test]
    public async Task Tables_nobody_wants_are_left_out_and_new_ones_are_taken_up_live(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create schema ignored; create table ignored.x (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("create table late (id int primary key)", token);
        await CaptureRig.UntilAsync(() => rig.SourceAsync<bool>("select exists (select from pg_publication_tables where tablename = 'late')", token), token);
        await rig.ExecuteAsync("insert into late values (1); insert into ignored.x values (1)", token);
        await rig.CaughtUpAsync(token);
        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EqualTo((string[])["late i >1"]));

        await rig.ExecuteAsync("drop table late", token);
        await CaptureRig.UntilAsync(() => Task.FromResult(rig.Log.Lines.Any(line => line.Contains("PH111", StringComparison.Ordinal))), token);
    }

    [Test]
    public async Task A_changed_table_gets_a_new_schema_in_the_middle_of_a_transaction(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("begin; insert into t values (1); alter table t add n numeric(5,2); insert into t values (2, 1.5); commit", token);
        await rig.CaughtUpAsync(token);

        var events = await rig.EventsAsync(token);
        Assert.That(events.Select(e => e.ToString()), Is.EqualTo((string[])["t i >1", "t i >2|1.50"]));
        Assert.That(events.Select(e => e.SchemaId).Distinct().Count(), Is.EqualTo(2));
        Assert.That(events.Select(e => e.TransactionOpen), Has.All.False);
    }

    [Test]
    public async Task A_large_transaction_goes_ahead_in_chunks_and_becomes_visible_at_once(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { FlushRows = 1_000 };
        await rig.ExecuteAsync("create table t (id int primary key); create table u (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);

        await rig.ExecuteAsync("begin; insert into u values (0); insert into t select generate_series(1, 10500); insert into u values (1); commit", token);
        await rig.CaughtUpAsync(token);

        var events = await rig.EventsAsync(token);
        Assert.That(events.Select(e => e.Sequence), Is.EqualTo(Enumerable.Range(0, 10_502).Select(i => (long)i)));
        var chunks = events.Where(e => e.Table == "t").GroupBy(e => e.Chunk).OrderBy(g => g.Key).ToList();
        Assert.That(chunks, Has.Count.GreaterThan(9));
        Assert.That(chunks.Take(chunks.Count - 1).Select(g => g.First().TransactionOpen), Has.All.True);
        Assert.That(chunks[^1].First().TransactionOpen, Is.False);
        Assert.That(events.Where(e => e.Table == "u").OrderBy(e => e.Sequence).Select(e => e.TransactionOpen), Is.EqualTo((bool[])[true, false]));
    }

    [Test]
    public async Task Types_are_told_as_the_schema_wants_them(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("""
            create type mood as enum ('ok'); create type pair as (a int, b text); create domain positive as numeric(8,3); create domain money2 as positive;
            create table t (id int primary key, a numeric(10,2)[], b mood, c mood[], d money2, e pair, f timestamptz, g "char", h varchar(7), i int[][], j money2[], k char(4))
            """, token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into t (id, f) values (1, '2020-01-02 03:04:05.6+05')", token);
        await rig.CaughtUpAsync(token);

        Assert.That(await rig.BufferAsync<string[]>("select column_types from philotes.table_schema", token), Is.EqualTo((string[])
        [
            "integer", "numeric(10,2)[]", "enum", "enum[]", "numeric(8,3)", "row(1 \"a\" integer, 2 \"b\" text)", "timestamp with time zone", "\"char\"",
            "character varying(7)", "integer[][]", "numeric(8,3)[]", "character(4)",
        ]));
        Assert.That((await rig.EventsAsync(token))[0].New![6], Is.EqualTo("2020-01-01 22:04:05.6+00"));
    }

    [Test]
    public async Task Settings_of_role_and_database_do_not_change_how_values_are_spelled(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        var database = await rig.SourceAsync<string>("select current_database()::text", token);
        await rig.ExecuteAsync($"alter database {database} set datestyle = 'German'; alter database {database} set timezone = 'Asia/Tokyo'; alter database {database} set bytea_output = 'escape'; alter database {database} set intervalstyle = 'postgres'; alter database {database} set extra_float_digits = -15", token);
        await rig.ExecuteAsync("create table t (id int primary key, d date, z timestamptz, b bytea, i interval, f float8)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into t values (1, date '2020-12-31', timestamptz '2020-12-31 00:00+00', '\\x00ff', interval '1 day 2 hours', 0.1::float8 + 0.2)", token);
        await rig.CaughtUpAsync(token);

        Assert.That((await rig.EventsAsync(token))[0].New, Is.EqualTo(new[] { "1", "2020-12-31", "2020-12-31 00:00:00+00", "\\x00ff", "P1DT2H", "0.30000000000000004" }));
    }

    [Test]
    public async Task A_partitioned_table_arrives_as_itself(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table p (id int primary key) partition by range (id); create table p1 partition of p for values from (0) to (10)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into p values (1); insert into p1 values (2)", token);
        await rig.CaughtUpAsync(token);

        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EqualTo((string[])["p i >1", "p i >2"]));
    }

    [Test]
    public async Task The_slot_follows_a_server_that_is_busy_elsewhere(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create schema ignored; create table ignored.x (id int, t text)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into ignored.x select i, repeat('x', 100) from generate_series(1, 20000) i", token);
        var end = Lsn.Parse(await rig.SourceAsync<string>("select pg_current_wal_lsn()::text", token));

        await CaptureRig.UntilAsync(async () => await rig.ConfirmedAsync(token) >= end, token);
        Assert.That(await rig.DurableAsync(token), Is.GreaterThanOrEqualTo(end));
    }
}
