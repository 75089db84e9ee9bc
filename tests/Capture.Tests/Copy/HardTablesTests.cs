using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Copy;

/// <summary>Tables and servers that make a copy hard: each comes whole or says what is in the way, and the others go on.</summary>
[CancelAfter(300_000)]
internal sealed class HardTablesTests
{
    private const string Filled = "create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i; ";

    private static readonly Signature By = new("test", "a test");

    [Test]
    public async Task Time_limits_that_an_administrator_set_end_no_copy(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync(Filled, token);
        var database = await rig.SourceAsync<string>("select quote_ident(current_database())", token);
        await rig.ExecuteAsync($"alter database {database} set statement_timeout = '150ms'; alter database {database} set idle_in_transaction_session_timeout = '150ms'", token);
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(1, token);
        // Each row of the first block alone takes longer than a statement may.
        await new Operator(rig.Buffer).ResyncTableAsync(1, "id > 3 or pg_sleep(0.2)::text = ''", By, token);
        await CaptureRig.UntilAsync(async () => await rig.BufferAsync<long>("select count(*) from philotes.table_copy where state = 'active' and attempt = 2", token) == 1, token);
        Assert.That((await rig.EventsAsync(token)).Count(e => e.Op == 'r'), Is.EqualTo(800));
        Assert.That(rig.Log.Lines, Has.None.Contains("timeout"));
    }

    [Test]
    public async Task A_partition_in_another_server_is_refused_with_PH135_until_it_is_detached(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync("""
            create table other (id int primary key); insert into other values (1);
            create foreign data wrapper nowhere; create server far foreign data wrapper nowhere;
            create table parts (id int, region text) partition by list (region);
            create table parts_a partition of parts for values in ('a'); create foreign table parts_b partition of parts for values in ('b') server far;
            insert into parts values (1, 'a');
            """, token);
        await using var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("parts", token) == "waiting PH135" && await rig.CopyOfAsync("other", token) == "active", token);
        Assert.That(await rig.BufferAsync<string>("select error_text from philotes.v_copy where table_name = 'parts'", token), Does.Contain("public.parts_b").And.Contain("Detach it"));

        await rig.ExecuteAsync("alter table parts detach partition parts_b", token);
        await rig.CopiedAsync(2, token);
        Assert.That((await rig.EventsAsync(token)).Select(e => e.ToString()), Is.EquivalentTo((string[])["other r >1", "parts r >1|a"]));
    }

    [Test]
    public async Task A_table_that_somebody_locks_says_PH131_and_is_copied_when_it_is_free(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync(Filled + "create table other (id int primary key); insert into other values (1)", token);
        await new Operator(rig.Buffer).PauseCopiesAsync(source: null, paused: true, By, token);
        await using var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("t", token) == "copying", token);
        await using (var holder = await rig.Source.OpenConnectionAsync(token))
        {
            await using var locked = await holder.BeginTransactionAsync(token);
            await new Npgsql.NpgsqlCommand("lock table t in access exclusive mode", holder).ExecuteNonQueryAsync(token);
            await new Operator(rig.Buffer).PauseCopiesAsync(source: null, paused: false, By, token);
            await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("t", token) == "copying PH131" && await rig.CopyOfAsync("other", token) == "active", token);
        }

        await rig.CopiedAsync(2, token);
        Assert.That(await rig.FoldAsync("t", token), Has.Count.EqualTo(400));
    }

    [Test]
    public async Task A_full_disk_of_the_buffer_is_PH501_at_the_table_and_changes_of_others_go_on(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        await rig.ExecuteAsync(Filled + "create table other (id int primary key)", token);
        await rig.BufferAsync<object?>("""
            do 'begin
              create function full_disk() returns trigger language plpgsql as $f$ begin raise exception $m$could not extend file: No space left on device$m$ using errcode = $m$53100$m$; end $f$;
              create trigger full_disk before insert on philotes.chunk for each row when (new.copied) execute function full_disk();
            end'
            """, token);
        await using var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("t", token) == "copying PH501" && await rig.CopyOfAsync("other", token) == "active", token);
        await rig.ExecuteAsync("insert into other values (1)", token);
        await CaptureRig.UntilAsync(async () => (await rig.EventsAsync(token)).Exists(e => e.ToString() == "other i >1"), token);
        // Without a lock on any table: whoever writes now holds theirs.
        await rig.BufferAsync<object?>("do 'begin create or replace function full_disk() returns trigger language plpgsql as $f$ begin return new; end $f$; end'", token);
        await rig.CopiedAsync(2, token);
        Assert.That(await rig.FoldAsync("t", token), Has.Count.EqualTo(400));
    }

    [Test]
    public async Task A_table_that_the_configuration_no_longer_wants_to_be_copied_gets_its_changes_without_its_rows(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { BytesPerSecondMax = 50_000 } };
        await rig.ExecuteAsync(Filled, token);
        await using (var first = await rig.StartAsync(token))
        {
            await new Operator(rig.Buffer).PauseCopiesAsync(source: null, paused: true, By, token);
            await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("t", token) == "copying", token);
            await first.StopAsync();
        }

        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { Wanted = static _ => false } };
        await using var second = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into t values (1000)", token);
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("t", token) == "dropped PH136", token);
        await rig.CaughtUpAsync(token);
        Assert.That((await rig.EventsAsync(token)).Where(e => e.Op != 'r').Select(e => e.New![0]), Is.EqualTo((string[])["1000"]));
    }

    [Test]
    public async Task After_a_restart_of_the_source_a_truncate_replaces_what_was_copied(CancellationToken token)
    {
        await using var server = await PostgresServer.StartAsync(settings: new Dictionary<string, string> { ["max_prepared_transactions"] = "10" });
        await using var rig = await CopyRig.CreateAsync(token, server);
        var unhindered = rig.Settings.Copy;
        rig.Settings = rig.Settings with { Copy = unhindered.Halting() };
        await rig.ExecuteAsync(Filled, token);
        await using (var first = await rig.StartAsync(token))
        {
            await rig.PartsAsync(5, token);
            await server.CrashAndRestartAsync();
        }

        rig.Source.Clear();
        rig.Settings = rig.Settings with { Copy = unhindered };
        await rig.ExecuteAsync("update t set pad = 'changed' where id = 1", token);
        await using var second = await rig.StartAsync(token);
        await rig.CaughtUpAsync(token);
        await rig.CopiedAsync(1, token);
        Assert.That(await rig.BufferAsync<int>("select attempt from philotes.table_copy", token), Is.EqualTo(2));
        Assert.That((await rig.EventsAsync(token)).Count(e => e.Op == 't'), Is.EqualTo(1));
        var afterTruncate = (await rig.EventsAsync(token)).SkipWhile(e => e.Op != 't').ToList();
        Assert.That(CopyRig.Fold(afterTruncate, "t"), Is.EqualTo(await rig.SourceRowsAsync("t", token)));
    }

    [Test]
    public async Task The_widest_table_a_value_of_100_MB_and_an_identity_column_come_whole(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        var columns = string.Join(", ", Enumerable.Range(1, 1_600).Select(column => $"c{column} smallint"));
        await rig.ExecuteAsync($"""
            create table wide ({columns});
            do $$ begin execute 'insert into wide values (' || (select string_agg(i::text, ',') from generate_series(1, 1600) i) || ')'; end $$;
            create table long (id int generated always as identity primary key, value text); insert into long (value) values (repeat('y', 100000000)), ('short');
            """, token);
        await using var capture = await rig.StartAsync(token);
        await rig.CopiedAsync(2, token);
        var events = await rig.EventsAsync(token);
        Assert.That(events.Single(e => e.Table == "wide").New, Is.EqualTo(Enumerable.Range(1, 1_600).Select(column => $"{column}")));
        Assert.That(events.Where(e => e.Table == "long").Select(e => (e.New![0], e.New[1]!.Length)), Is.EqualTo(((string, int)[])[("1", 100_000_000), ("2", 5)]));
    }

    [Test]
    public async Task Small_tables_are_ready_while_a_large_one_is_read_over_no_more_connections_and_bytes_than_allowed(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Copy = rig.Settings.Copy with { Connections = 2, BytesPerSecondMax = 30_000 } };
        await rig.ExecuteAsync(Filled + "create table small (id int primary key); insert into small values (1); create unlogged table unlogged (id int primary key); insert into unlogged values (1)", token);
        await using var session = await rig.Source.OpenConnectionAsync(token);
        await new Npgsql.NpgsqlCommand("create temporary table passing (id int primary key); insert into passing values (1)", session).ExecuteNonQueryAsync(token);
        var started = TimeProvider.System.GetTimestamp();
        await using var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.CopyOfAsync("small", token) == "active", token);
        Assert.That(await rig.CopyOfAsync("t", token), Is.EqualTo("copying"), "the large one goes on");
        await rig.ExecuteAsync("insert into small values (2)", token);
        await CaptureRig.UntilAsync(async () => (await rig.EventsAsync(token)).Exists(e => e.ToString() == "small i >2"), token);
        await rig.ExecuteAsync("update t set pad = 'held' where id = 1", token);
        await rig.CaughtUpAsync(token);
        Assert.That(await rig.CopyOfAsync("t", token), Is.EqualTo("copying"), "no change waits at the source for a copy, nor a ready table's in the buffer");

        var most = 0L;
        while (await rig.CopyOfAsync("t", token) != "active")
        {
            most = Math.Max(most, await rig.SourceAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and query like 'copy (select%' and pid <> pg_backend_pid()", token));
        }

        Assert.That(most, Is.InRange(1, 2));
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(TimeSpan.FromSeconds(7)), "280 kB at 30 kB a second");
        Assert.That((await rig.CopyOfAsync("unlogged", token), await rig.CopyOfAsync("passing", token)), Is.EqualTo(("none", "none")));
        Assert.That(await rig.BufferAsync<string>("select string_agg(distinct state, '') from philotes.v_copy where table_name = 't'", token), Is.EqualTo("catching up"), "the lake does not have it yet");
    }
}
