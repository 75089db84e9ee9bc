using System.Globalization;
using System.Text.Json;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>The lake equals the source at a position, or the rows that do not are named.</summary>
[NonParallelizable]
public sealed class VerifyTests
{
    const string Ddl = """
        create type place as (x int, "the name" text, tags text[]);
        create table t (id int primary key, "od d" text, amount numeric(12,2), big bigint, f4 real, f8 double precision, day date, at timestamptz, plain timestamp, ok boolean,
                        who uuid, raw bytea, doc jsonb, code char(5), anything numeric, tags text[], grid int[][], days date[], spot place, spots place[]);
        create table pair (a text, b int, note text, primary key (a, b));
        create table keyless (a int);
        """;

    [Test, CancelAfter(300_000)]
    public async Task Equal_tables_are_equal_while_changes_go_on_and_one_changed_digit_is_named(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(Ddl, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("""
            insert into t select i, 'text ' || i, i / 100.0, i * 1000000007::bigint, i / 3.0, i / 7.0, date '1969-12-25' + i, timestamptz '1969-12-31 23:59:59.123456+00' + i * interval '1 h', timestamp '2024-02-29' + i * interval '1 s',
                i % 2 = 0, md5(i::text)::uuid, decode(md5(i::text), 'hex'), jsonb_build_object('i', i), 'c' || i % 9, i + 0.5, array['x', null] from generate_series(-500, 2500) as i;
            insert into t (id) values (9001); insert into t (id, f4, f8, day, at, anything) values (9002, 'NaN', '-Infinity', 'infinity', '-infinity', 'NaN');
            insert into t (id, f8, "od d") values (9003, '-0', repeat('long ', 20000));
            update t set grid = array[[id, 2], [3, null]], days = array[date '2024-02-29', null], spot = row(id, 'a,b"(c', array['{', null]), spots = array[row(1, null, null)::place, null] where id % 3 = 0;
            update t set tags = '{}', grid = '{}', spot = row(null, null, null) where id % 11 = 5; update t set days = array['infinity'::date], tags = '[2:3]={a,b}' where id % 13 = 1;
            update t set amount = amount + 1 where id % 10 = 3; update t set f8 = 1e300 where id = 9003; update t set id = id + 100000 where id % 100 = 7; delete from t where id % 50 = 1;
            insert into pair select chr(97 + i % 26) || '|' , i, null from generate_series(1, 300) as i; truncate pair; insert into pair select 'k' || i, i, 'n' from generate_series(1, 40) as i;
            insert into keyless values (1);
            """, cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(pipeline, stop.Token);
        var equal = await pipeline.ItemsAsync("verify", "hash", "--table", "t");
        var pair = await pipeline.ItemsAsync("verify", "hash", "--table", "pair");
        await stop.CancelAsync();
        await load;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(equal[0].GetProperty("equal").GetBoolean(), Is.True, equal[0].ToString());
            Assert.That(equal[0].GetProperty("sourceRows").GetInt64(), Is.GreaterThan(2_900));
            Assert.That(equal[0].GetProperty("notCompared").EnumerateArray().Select(item => item.GetString()), Is.Empty);
            Assert.That(pair[0].GetProperty("equal").GetBoolean(), Is.True, pair[0].ToString());
        }

        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.Pipeline.Capture!.KillAsync();
        // What no stream carries: a change while triggers and replication of this session are off is still logged, so the row is taken out of the buffer.
        await pipeline.Pipeline.ExecuteAsync("update t set amount = amount + 0.01 where id = 42; update t set spot.x = 4712 where id = 45; delete from t where id = 60; insert into t (id) values (777777)", cancellationToken);
        await pipeline.BufferAsync<object>($"update philotes.source set durable_lsn = '{await pipeline.Pipeline.SourcePositionAsync(cancellationToken)}'::pg_lsn + 100000000", cancellationToken);
        var counts = await pipeline.RunAsync("verify", "counts", "--table", "t");
        var hash = await pipeline.RunAsync("verify", "hash", "--table", "t");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(counts.ExitCode, Is.EqualTo(ExitCode.Threshold), counts.Error);
            Assert.That(hash.ExitCode, Is.EqualTo(ExitCode.Threshold), hash.Error);
            Assert.That(hash.Output, Does.Contain("  42  different").And.Contain("  45  different").And.Contain("  60  extra").And.Contain("  777777  missing"));
            Assert.That(hash.Output, Does.Contain("philotes replay plan --mode rewind --table public.t"));
            Assert.That(hash.Output, Does.Contain("""philotes tables resync public.t --where '"id"::text in ('\''42'\'', '\''45'\'', '\''777777'\'')' --gone '[{"id":"60"}]'"""));
            Assert.That(counts.Output, Does.Not.Contain("  42  "));
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task An_earlier_position_is_compared_as_it_was_and_rows_that_changed_since_by_whether_they_were_there(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key, note text)", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'a' from generate_series(1, 1000) as i; delete from t where id <= 10", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var then = await pipeline.Pipeline.SourcePositionAsync(cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("update t set note = 'b' where id between 11 and 20; delete from t where id between 21 and 40; insert into t values (1, 'again'), (5000, 'new'); update t set id = 6000 where id = 50", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);

        var earlier = (await pipeline.ItemsAsync("verify", "hash", "--table", "t", "--at", then)).Single();
        var now = (await pipeline.ItemsAsync("verify", "hash", "--table", "t")).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((earlier.GetProperty("at").GetString(), earlier.GetProperty("sourceRows").GetInt64(), earlier.GetProperty("lakeRows").GetInt64(), earlier.GetProperty("changedSince").GetInt64()),
                Is.EqualTo((then, 990L, 990L, 10L + 20 + 2 + 2)));
            Assert.That((now.GetProperty("sourceRows").GetInt64(), now.GetProperty("lakeRows").GetInt64(), now.GetProperty("changedSince").GetInt64()), Is.EqualTo((972L, 972L, 0L)));
        }

        // A change that the lake never got, of a row that has not changed since: both positions show it.
        await pipeline.LoseAsync("update t set note = 'c' where id = 100", cancellationToken);
        var lost = await pipeline.RunAsync("verify", "hash", "--table", "t", "--at", then);
        Assert.That(lost.ExitCode, Is.EqualTo(ExitCode.Threshold), lost.Error);
        Assert.That(lost.Output, Does.Contain("  100  different").And.Contain("philotes tables resync public.t --where"));
        await pipeline.Pipeline.ExecuteAsync("truncate t", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        Assert.That((await pipeline.RunAsync("verify", "counts", "--table", "t", "--at", then)).Error, Does.Contain("PH018: "));
    }

    [Test, CancelAfter(300_000)]
    public async Task Maps_and_vectors_are_compared_too(CancellationToken cancellationToken)
    {
        // The extension is in a schema that no search path names.
        var ddl = await File.ReadAllTextAsync(Peers.Repository("tests", "Exactness.Tests", "types", "setup-pgvector.sql"), cancellationToken)
            + "create schema ext; create extension hstore schema ext; create table m (id int primary key, h ext.hstore, hs ext.hstore[], v vector, vs vector[])";
        await using var pipeline = await OperatedPipeline.StartAsync(ddl, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("""
            insert into m values (1, '', '{}', '[1,2.5,-3e-5]', array['[1]', null]::vector[]), (2, null, null, null, null),
                (3, 'b=>1, a=>NULL, "ä \"q\" => "=>"x=>y,"', array['k=>v', null]::ext.hstore[], '[0]', '{}');
            update m set id = 4 where id = 2; insert into m select i, format('k%s=>v%s, z=>1', i, i)::ext.hstore, null, format('[%s,0.1]', i)::vector, null from generate_series(10, 500) as i;
            """, cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var equal = (await pipeline.ItemsAsync("verify", "hash", "--table", "m")).Single();
        Assert.That(equal.GetProperty("notCompared").GetArrayLength(), Is.Zero, equal.ToString());

        await pipeline.LoseAsync("update m set h = 'b=>2, a=>NULL, \"ä \\\"q\\\" => \"=>\"x=>y,\"' where id = 3; update m set v = '[11,0.10000001]' where id = 11; update m set hs = '{}' where id = 12; update m set vs = array['[1]']::vector[] where id = 1", cancellationToken);
        var different = await pipeline.RunAsync("verify", "hash", "--table", "m");
        Assert.That(different.Output, Does.Contain("  1  different\n").And.Contain("  3  different\n").And.Contain("  11  different\n").And.Contain("  12  different\n"), different.Error);
    }

    [Test, CancelAfter(300_000)]
    public async Task Lake_and_ledger_agree_until_a_file_is_gone(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key); create table keyless (a int)", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select generate_series(1, 100); insert into keyless values (1)", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var fits = await pipeline.ItemsAsync("verify", "lake");
        var keyless = await pipeline.RunAsync("verify", "hash", "--table", "keyless");
        var far = await pipeline.RunAsync("verify", "hash", "--table", "t", "--at", "FFFF/0");
        Assert.That(await pipeline.OutputAsync("verify", "ledger"), Does.Match("^All [0-9]+ rules of the ledger hold"));
        await pipeline.BufferAsync<object>("update philotes.table_cursor set committed_seq = 0 where table_id = 1", cancellationToken);
        var wrong = await pipeline.RunAsync("verify", "ledger");
        Assert.That((wrong.ExitCode, wrong.Output), Is.EqualTo((ExitCode.Threshold, wrong.Output)));
        Assert.That(wrong.Output, Does.Contain("I6 the cursor is the ledger: 1"));
        await pipeline.BufferAsync<object>("update philotes.table_cursor set committed_seq = claimed_seq where table_id = 1", cancellationToken);
        var file = (await pipeline.ItemsAsync("files", "list", "--table", "t"))[0].GetProperty("path").GetString()!;
        File.Delete(new Uri(file).LocalPath);
        var broken = await pipeline.RunAsync("verify", "lake", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fits.Select(item => item.GetProperty("fits").GetBoolean()), Is.EqualTo(new[] { true, true }));
            Assert.That((keyless.ExitCode, keyless.Error), Is.EqualTo((ExitCode.Refused, keyless.Error)));
            Assert.That(keyless.Error, Does.StartWith("PH018: Table public.keyless sends no key"));
            Assert.That(far.Error, Does.StartWith("PH019: "));
            Assert.That(broken.ExitCode, Is.EqualTo(ExitCode.Threshold));
            Assert.That(broken.Output, Does.Contain($"{file} is not there"));
        }
    }

    static async Task LoadAsync(OperatedPipeline pipeline, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
            await pipeline.Pipeline.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"update t set big = {i} where id between {i % 2000} and {(i % 2000) + 5}; insert into t (id) values ({2_000_000 + i})"), CancellationToken.None);
    }
}
