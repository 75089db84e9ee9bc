using Philotes.Buffer;
using Philotes.Buffer.Operations;

namespace Philotes.Capture.Tests.Copy;

[CancelAfter(180_000)]
internal sealed class TableCopyTests
{
    private static readonly Signature By = new("test", "a test");

    [Test]
    public async Task Rows_that_were_there_come_once_as_read_and_later_changes_once_behind_them(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key, name text); insert into t select i, repeat('x', 500) from generate_series(1, 200) i", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into t values (1000, 'new'); update t set name = 'changed' where id = 7; delete from t where id = 8", token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(1, token);

        var events = await rig.EventsAsync(token);
        Assert.That(events.Where(e => e.Op == 'r').Select(e => int.Parse(e.New![0]!)), Is.EqualTo(Enumerable.Range(1, 200)));
        Assert.That(events.Skip(200).Select(e => e.ToString()), Is.EqualTo((string[])["t i >1000|new", "t u >7|changed", "t d 8|NULL>"]));
        Assert.That(await rig.BufferAsync<long>("select count(*) from philotes.copy_range", token), Is.GreaterThan(10), "the table must have been copied in parts");
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    [Test]
    public async Task A_table_that_is_never_copied_has_only_its_changes(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { Wanted = table => table.Table != "quiet" } };
        await rig.ExecuteAsync("create table quiet (id int primary key); create table loud (id int primary key); insert into quiet values (1); insert into loud values (1)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into quiet values (2); insert into loud values (2)", token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(1, token);
        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EquivalentTo((string[])["loud r >1", "quiet i >2", "loud i >2"]));
    }

    [Test]
    public async Task Tables_of_every_shape_are_copied(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync(""""
            create table keyless (a int, b text); insert into keyless select 1, 'same' from generate_series(1, 3);
            create table empty (id int primary key);
            create table bare (); insert into bare select from generate_series(1, 4);
            create table generated (id int primary key, twice int generated always as (id * 2) stored, n int); insert into generated values (1, default, 5);
            create table parent (id int primary key); create table child () inherits (parent); alter table child add primary key (id);
            insert into parent values (1); insert into child values (2);
            create table parts (id int, region text, n int, primary key (id, region)) partition by list (region);
            create table parts_a partition of parts for values in ('a');
            create table parts_b (n int, gone text, region text not null, id int not null, primary key (id, region));
            alter table parts_b drop column gone; alter table parts attach partition parts_b for values in ('b');
            insert into parts values (1, 'a', 10), (2, 'b', 20);
            create table "We""ird. Näme\t" ("a ""b""" int primary key, "c|d" text); insert into "We""ird. Näme\t" values (1, E'tab\t nl\n bs\\ \\N');
            alter table generated drop column n; alter table generated add column m int default 7;
            """", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(8, token);
        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EquivalentTo((string[])
        [
            "keyless r >1|same", "keyless r >1|same", "keyless r >1|same", "bare r >", "bare r >", "bare r >", "bare r >", "generated r >1|7", "parent r >1", "child r >2",
            "parts r >1|a|10", "parts r >2|b|20", "We\"ird. Näme\\t r >1|tab\t nl\n bs\\ \\N",
        ]));
    }

    [Test]
    public async Task A_value_comes_the_same_by_both_ways(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync(CopyTypes.Create, token);
        await rig.ExecuteAsync("alter database " + await rig.SourceAsync<string>("select quote_ident(current_database())", token)
            + " set timezone = 'Asia/Kolkata'; ", token);
        await rig.ExecuteAsync(CopyTypes.Insert, token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync(CopyTypes.Insert, token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(1, token);
        var events = await rig.EventsAsync(token);
        var read = events.Where(e => e.Op == 'r').Select(e => string.Join('\u0001', e.New!.Select(value => value ?? "\u0000"))).ToList();
        var inserted = events.Where(e => e.Op == 'i').Select(e => string.Join('\u0001', e.New!.Select(value => value ?? "\u0000"))).ToList();
        Assert.That(read, Has.Count.EqualTo(CopyTypes.RowCount));
        Assert.That(read, Is.EqualTo(inserted));
        var versions = await rig.BufferAsync<string>("select string_agg(to_jsonb(s)::text, chr(10)) from philotes.table_schema s", token);
        Assert.That(await rig.BufferAsync<long>("select count(distinct schema_id) from philotes.chunk", token), Is.EqualTo(1), () => "both ways describe the table alike: " + versions);
    }

    [Test]
    public async Task A_table_added_later_misses_no_change_of_a_transaction_that_was_open(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync("create table first (id int primary key)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(1, token);
        await using var writer = await rig.Source.OpenConnectionAsync(token);
        await rig.ExecuteAsync("create table late (id int primary key); insert into late values (1)", token);
        await using (var transaction = await writer.BeginTransactionAsync(token))
        {
            await new Npgsql.NpgsqlCommand("insert into late values (2)", writer).ExecuteNonQueryAsync(token);
            await CaptureRig.UntilAsync(async () => await rig.SourceAsync<bool>("select exists (select from pg_publication_tables where tablename = 'late')", token), token);
            await rig.ExecuteAsync("insert into late values (3)", token);
            await new Npgsql.NpgsqlCommand("insert into late values (4)", writer).ExecuteNonQueryAsync(token);
            await transaction.CommitAsync(token);
        }

        await rig.ExecuteAsync("insert into late values (5); insert into first values (1)", token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(2, token);
        Assert.That((await rig.FoldAsync("late", token)).Keys, Is.EqualTo((string[])["1", "2", "3", "4", "5"]));
    }

    [Test]
    public async Task A_table_that_may_not_be_read_says_so_and_the_others_go_on(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync("""
            create table open (id int primary key); insert into open values (1);
            create table secret (id int primary key); insert into secret values (1);
            create table hidden (id int primary key); insert into hidden values (1); alter table hidden enable row level security;
            create role reader login replication password 'reads'; grant select on open, hidden to reader;
            """, token);
        await rig.ExecuteAsync($"""create publication "{rig.Settings.PublicationName.Replace("\"", "\"\"")}" for all tables""", token);
        var connection = rig.Settings.SourceConnection();
        rig.Settings = rig.Settings with { ManagedPublication = false, SourceConnection = () => new Npgsql.NpgsqlConnectionStringBuilder(connection) { Username = "reader", Password = "reads" }.ConnectionString };
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(1, token);
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("secret", token) == "waiting PH121" && await rig.CopyOfAsync("hidden", token) == "waiting PH132", token);

        await rig.ExecuteAsync("grant select on secret to reader; alter role reader bypassrls", token);
        await rig.CopiedAsync(3, token);
        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EquivalentTo((string[])["open r >1", "secret r >1", "hidden r >1"]));
        await capture.StopAsync();
        await rig.ExecuteAsync("drop owned by reader; drop role reader", token);
    }

    [TestCase("vacuum full t")]
    [TestCase("alter table t alter column pad type varchar(1000) using upper(pad)")]
    [TestCase("alter table t drop column pad")]
    [TestCase("alter table t rename column pad to filler")]
    [TestCase("alter table t rename to renamed")]
    [TestCase("alter table t add column extra int default 7")]
    [TestCase("truncate t")]
    public async Task What_is_done_to_a_table_in_the_middle_of_its_copy_leaves_the_right_rows(string what, CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy.Halting() };
        await rig.ExecuteAsync("create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i", token);
        await using var capture = await rig.StartAsync(token);
        await rig.PartsAsync(3, token);
        await rig.ExecuteAsync(what, token);
        await rig.ExecuteAsync($"insert into {(what.EndsWith("renamed", StringComparison.Ordinal) ? "renamed" : "t")} (id) values (1000)", token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAndTakenAsync(1, token);

        var expected = await rig.SourceRowsAsync(what.EndsWith("renamed", StringComparison.Ordinal) ? "renamed" : "t", token);
        var actual = await rig.FoldAsync("t", token);
        Assert.That(actual.Keys, Is.EqualTo(expected.Keys));
        if (!what.Contains("extra", StringComparison.Ordinal))
        {
            Assert.That(actual.Values.Select(row => row.TrimEnd('|').Replace("NULL", "", StringComparison.Ordinal)), Is.EqualTo(expected.Values.Select(row => row.TrimEnd('|'))));
        }
    }

    [Test]
    public async Task A_table_dropped_in_the_middle_of_its_copy_holds_nobody_up(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy.Halting() };
        await rig.ExecuteAsync("create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i; create table other (like t including all); insert into other select * from t", token);
        await using var capture = await rig.StartAsync(token);
        await rig.PartsAsync(3, token);
        await rig.ExecuteAsync("drop table t", token);
        await rig.CopiedAndTakenAsync(1, token);
        Assert.That(await rig.CopyOfAsync("t", token), Is.EqualTo("dropped PH134"));
        Assert.That(await rig.FoldAsync("other", token), Has.Count.EqualTo(400));
    }

    [Test]
    public async Task Copying_goes_on_from_the_same_snapshot_after_a_restart_and_reads_no_finished_part_again(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        var unhindered = rig.Settings.Copy;
        rig.Settings = rig.Settings with { Copy = unhindered.Halting() };
        await rig.ExecuteAsync("create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i", token);
        await using (var first = await rig.StartAsync(token))
        {
            await rig.PartsAsync(5, token);
            await first.StopAsync();
        }

        await rig.ExecuteAsync("update t set pad = 'changed while nobody looked'; delete from t where id > 350", token);
        await rig.ExecuteAsync("vacuum t", token);
        rig.Settings = rig.Settings with { Copy = unhindered };
        await using var second = await rig.StartAsync(token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(1, token);

        Assert.That(await rig.BufferAsync<int>("select attempt from philotes.table_copy", token), Is.EqualTo(1));
        Assert.That((await rig.EventsAsync(token)).Where(e => e.Op == 'r').Select(e => int.Parse(e.New![0]!)), Is.EqualTo(Enumerable.Range(1, 400)), "every row as it was, once");
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    [Test]
    public async Task When_the_snapshot_is_lost_a_truncate_replaces_what_was_copied(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        var unhindered = rig.Settings.Copy;
        rig.Settings = rig.Settings with { Copy = unhindered.Halting() };
        await rig.ExecuteAsync("create table small (id int primary key); insert into small values (1); create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i", token);
        await using (var first = await rig.StartAsync(token))
        {
            await rig.PartsAsync(5, token);
            await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("small", token) == "active", token);
            await first.StopAsync();
        }

        await rig.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()", token);
        await rig.ExecuteAsync("update t set pad = 'changed' where id % 2 = 0; delete from t where id % 5 = 0", token);
        rig.Settings = rig.Settings with { Copy = unhindered };
        await using var second = await rig.StartAsync(token);
        await rig.ExecuteAsync("update t set pad = 'again' where id = 1", token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(2, token);

        var events = await rig.EventsAsync(token);
        Assert.That(events.Count(e => e is { Table: "t", Op: 't' }), Is.EqualTo(1));
        Assert.That(events.Count(e => e.Table == "small"), Is.EqualTo(1), "a finished table is not copied again");
        var truncate = events.FindIndex(e => e.Op == 't');
        Assert.That(events.Skip(truncate).Count(e => e.Op == 'r'), Is.EqualTo(320));
        var fold = events.Skip(truncate + 1).Where(e => e.Table == "t").GroupBy(e => e.New![0]!).ToDictionary(group => group.Key, group => string.Join('|', group.Last().New!));
        Assert.That(new SortedDictionary<string, string>(fold, StringComparer.Ordinal), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    [Test]
    public async Task Asked_again_a_table_is_replaced_and_every_change_between_is_kept(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key, name text); insert into t select i, 'a' from generate_series(1, 50) i", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(1, token);
        await rig.ExecuteAsync("update t set name = 'b' where id = 1", token);
        await rig.CaughtUpAsync(token);
        await new Operator(rig.Buffer).ResyncTableAsync(1, predicate: null, By, token);
        await rig.ExecuteAsync("update t set name = 'c' where id = 1", token);
        await rig.ExecuteAsync("insert into t values (51, 'new')", token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(1, token);
        await rig.ExecuteAsync("update t set name = 'd' where id = 1", token);
        await rig.CaughtUpAsync(token);

        var events = await rig.EventsAsync(token);
        Assert.That(events.Where(e => e.Op is 'u' or 'i').Select(e => e.New![1]), Is.EqualTo((string[])["b", "c", "new", "d"]), "no change is lost to the copy");
        Assert.That(events.Count(e => e.Op == 't'), Is.EqualTo(1));
        Assert.That(await rig.FoldAsync("t", token), Is.EqualTo(await rig.SourceRowsAsync("t", token)));

        await new Operator(rig.Buffer).ResyncTableAsync(1, "id between 10 and 12", By, token);
        await CaptureRig.UntilAsync(async () => (await rig.EventsAsync(token)).Count(e => e.Op == 'r') == 50 + 51 + 3, token);
        Assert.That((await rig.EventsAsync(token)).Count(e => e.Op == 't'), Is.EqualTo(1), "a copy of some rows truncates nothing");
    }

    [Test]
    public async Task Paused_nothing_is_copied_until_it_is_resumed(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { Connections = 1, BytesPerSecondMax = 50_000 } };
        await rig.ExecuteAsync("create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i", token);
        await using var capture = await rig.StartAsync(token);
        await rig.PartsAsync(2, token);
        var ledger = new CopyLedger(rig.Buffer);
        await new Operator(rig.Buffer).PauseCopiesAsync(source: null, paused: true, By, token);
        var (done, later) = (await ProgressAsync(), await LaterAsync());
        // What was in work then is finished first.
        while (later.RangesDone != done.RangesDone)
        {
            (done, later) = (later, await LaterAsync());
        }

        Assert.That(later.Paused, Is.True);
        Assert.That(later.RangesDone, Is.LessThan(later.Ranges), "it was not over");
        await new Operator(rig.Buffer).PauseCopiesAsync(source: null, paused: false, By, token);
        await rig.CopiedAsync(1, token);
        Assert.That(await rig.FoldAsync("t", token), Has.Count.EqualTo(400));

        async Task<CopyProgress> ProgressAsync() => (await ledger.ProgressAsync(token)).Single();

        async Task<CopyProgress> LaterAsync()
        {
            await Task.Delay(1_000, token);
            return await ProgressAsync();
        }
    }

    [Test]
    public async Task Copying_waits_while_the_lake_has_a_budget_of_rows_to_catch_up_with(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { Connections = 2, BufferBytes = 60_000 } };
        await rig.ExecuteAsync("create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i", token);
        await using var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.BufferAsync<long>("select coalesce(sum(byte_count), 0)::bigint from philotes.chunk", token) >= 60_000, token);
        await Task.Delay(300, token);
        Assert.That(await rig.BufferAsync<long>("select sum(byte_count)::bigint from philotes.chunk", token), Is.LessThan(60_000 + (3 * 2 * CopyRig.BlockBytes)));

        // A writer that takes what is there lets it go on.
        await rig.TakenUntilAsync(async () => await rig.CopyOfAsync("t", token) == "active", token);
        Assert.That(await rig.FoldAsync("t", token), Has.Count.EqualTo(400));
    }
}
