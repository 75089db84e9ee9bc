using System.Text.Json;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>Changes written again: row for row what they were, while the source goes on; and what a replay refuses.</summary>
[NonParallelizable]
public sealed class ReplayTests
{
    const string Ddl = "create table t (id int primary key, note text); create table other (id int primary key)";

    [Test, CancelAfter(300_000)]
    public async Task A_rewound_table_ends_row_for_row_equal_while_changes_go_on(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(Ddl, cancellationToken);
        for (var round = 0; round < 4; round++)
        {
            await pipeline.Pipeline.ExecuteAsync($"insert into t select i, 'round {round}' from generate_series({round * 100}, {(round * 100) + 99}) as i; update t set note = note || '!' where id % 7 = {round}", cancellationToken);
            await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        }

        var before = await pipeline.LakeAsync("t_changelog");
        var batches = await pipeline.ItemsAsync("batches", "list", "--table", "t", "--state", "committed");
        var back = batches[^2].GetProperty("batch").GetInt64();
        var plan = (await pipeline.ItemsAsync("replay", "plan", "--mode", "rewind", "--table", "t", "--to-batch", $"{back}")).Single();
        Assert.That(plan.GetProperty("plan").GetProperty("batchesRolledBack").GetInt32(), Is.EqualTo(batches.Count - 2));
        Assert.That(plan.GetProperty("plan").GetProperty("foreignSnapshots").GetArrayLength(), Is.Zero);
        Assert.That(await pipeline.LakeAsync("t_changelog"), Is.EqualTo(before), "a plan changes nothing");

        await pipeline.Pipeline.ExecuteAsync("insert into t values (9999, 'meanwhile'); insert into other values (1)", cancellationToken);
        var number = $"{plan.GetProperty("replay").GetInt64()}";
        var unagreed = await pipeline.RunAsync("replay", "run", number);
        Assert.That(unagreed.ExitCode, Is.EqualTo(ExitCode.Cancelled));
        await pipeline.OutputAsync("replay", "run", number, "--yes", "--reason", "wrong mapping");
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);

        var after = await pipeline.LakeAsync("t_changelog");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(after.Where(row => !row.Contains("meanwhile", StringComparison.Ordinal)), Is.EqualTo(before));
            Assert.That(after, Has.Count.EqualTo(before.Count + 1));
            var status = (await pipeline.ItemsAsync("replay", "status")).Single();
            Assert.That(status.GetProperty("state").GetString(), Is.EqualTo("done"));
            Assert.That(status.GetProperty("chunksDone").GetInt64(), Is.EqualTo(status.GetProperty("chunks").GetInt64()));
            Assert.That((await pipeline.RunAsync("replay", "run", number, "--yes")).ExitCode, Is.EqualTo(ExitCode.Refused), "once");
            Assert.That((await pipeline.ItemsAsync("audit", "list")).Select(item => item.GetProperty("action").GetString()), Does.Contain("replay run").And.Contain("rewind"));
            Assert.That(await pipeline.BufferAsync<long>("select count(*) from philotes.generation where pinned_by is not null", cancellationToken), Is.Zero);
        }

        await LedgerInvariants.CheckAsync(pipeline.Pipeline.Buffer);
    }

    [Test, CancelAfter(300_000)]
    public async Task A_replay_to_the_side_equals_the_table_and_a_window_is_a_part_of_it(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(Ddl, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'a' from generate_series(1, 500) as i", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var middle = await pipeline.Pipeline.SourcePositionAsync(cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("update t set note = 'b' where id <= 40; delete from t where id > 490", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);

        await RunAsync(pipeline, "--mode", "side", "--table", "t", "--target", "repair.t_again");
        await RunAsync(pipeline, "--mode", "window", "--table", "t", "--lsn", $"{middle}..", "--target", "repair.t_window");
        var live = await pipeline.LakeAsync("t_changelog");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await pipeline.LakeAsync("t_again", "repair"), Is.EqualTo(live));
            Assert.That(await pipeline.LakeAsync("t_window", "repair"), Is.EqualTo(live.Where(row => !row.Contains("\"insert\"", StringComparison.Ordinal))));
        }

        var again = await pipeline.RunAsync("replay", "plan", "--mode", "side", "--table", "t", "--target", "repair.t_again");
        Assert.That((again.ExitCode, again.Error), Is.EqualTo((ExitCode.Refused, "PH018: Table repair.t_again exists already. Choose another with --target, or drop it first.\n")));
    }

    [Test, CancelAfter(300_000)]
    public async Task Copied_rows_are_found_and_written_again_like_every_other_event(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(Ddl, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'a' from generate_series(1, 300) as i", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.OutputAsync("tables", "resync", "public.t", "--yes", "--reason", "a test");
        await Until.TrueAsync(async () => await pipeline.BufferAsync<long>("select count(*) from philotes.v_copy where state = 'active'", cancellationToken) == 1, pipeline.Pipeline.Describe, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("update t set note = 'b' where id = 7", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);

        var found = (await pipeline.ItemsAsync("events", "find", "--table", "t", "--key", "7")).Select(item => item.GetProperty("operation").GetString());
        Assert.That(found, Is.EqualTo((string[])["insert", "read", "update"]));
        var live = await pipeline.LakeAsync("t_changelog");
        Assert.That(live.Count(row => row.Contains("\"read\"", StringComparison.Ordinal)), Is.EqualTo(300));
        await RunAsync(pipeline, "--mode", "side", "--table", "t", "--target", "repair.t_again");
        Assert.That(await pipeline.LakeAsync("t_again", "repair"), Is.EqualTo(live));

        var first = (await pipeline.ItemsAsync("batches", "list", "--table", "t", "--state", "committed"))[^1].GetProperty("batch").GetInt64();
        await RunAsync(pipeline, "--mode", "rewind", "--table", "t", "--to-batch", $"{first}");
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        Assert.That(await pipeline.LakeAsync("t_changelog"), Is.EqualTo(live), "a rewind behind the copy brings its rows again");
        await LedgerInvariants.CheckAsync(pipeline.Pipeline.Buffer);
    }

    [Test, CancelAfter(300_000)]
    public async Task Rows_that_only_the_lake_has_are_deleted_there_by_key_and_none_that_the_source_has(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(Ddl + "; create table pair (a text, b int, note text, primary key (a, b))", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'a' from generate_series(1, 2000) as i; insert into pair select 'it''s ' || i, i, 'n' from generate_series(1, 20) as i", cancellationToken);
        await pipeline.LoseAsync("delete from t where id in (44, 1999); update t set note = 'lost' where id = 45; delete from pair where b = 7", cancellationToken);
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(pipeline, stop.Token);
        Assert.That(await OfferedAsync(pipeline, "t"), Is.EqualTo("""philotes tables resync public.t --where '"id"::text in ('\''45'\'')' --gone '[{"id":"1999"},{"id":"44"}]'"""));
        Assert.That(await OfferedAsync(pipeline, "pair"), Is.EqualTo("""philotes tables resync public.pair --gone '[{"a":"it'\''s 7","b":"7"}]'"""));
        // 46 is named and at the source: it stays.
        await pipeline.OutputAsync("tables", "resync", "public.t", "--where", "\"id\"::text in ('45')", "--gone", """[{"id":"1999"},{"id":"44"},{"id":"46"}]""", "--yes", "--reason", "verify named them");
        await pipeline.OutputAsync("tables", "resync", "public.pair", "--gone", """[{"a":"it's 7","b":"7"}]""", "--yes");
        await pipeline.UntilAsync("select bool_and(state = 'active') from philotes.table_copy", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.OutputAsync("verify", "hash", "--table", "t");
        await pipeline.OutputAsync("verify", "hash", "--table", "pair");
        await stop.CancelAsync();
        await load;

        var changes = (await pipeline.LakeAsync("t_changelog")).Concat(await pipeline.LakeAsync("pair_changelog")).Select(row => JsonDocument.Parse(row).RootElement).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(changes.Where(row => row.GetProperty("_cdc_operation").GetString() == "delete").Select(row => (row.TryGetProperty("id", out var id) ? id : row.GetProperty("a")).ToString()), Is.EquivalentTo(new[] { "44", "1999", "it's 7" }));
            Assert.That((await pipeline.ItemsAsync("audit", "list")).Where(item => item.GetProperty("action").GetString() == "tables resync").Select(item => item.GetProperty("reason").ToString()), Has.Member("verify named them"));
            Assert.That(await pipeline.BufferAsync<string>("select detail -> 'gone' -> 0 ->> 'id' from philotes.audit where action = 'tables resync' and detail ->> 'where' <> 'false'", cancellationToken), Is.EqualTo("1999"));
            Assert.That((await pipeline.RunAsync("tables", "resync", "public.t", "--gone", "[1]", "--yes")).Error, Does.Contain("--gone: is not a list of keys"));
        }

        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        Assert.That((await pipeline.ItemsAsync("verify", "lake")).Select(item => item.GetProperty("fits").GetBoolean()), Is.All.True);
        await LedgerInvariants.CheckAsync(pipeline.Pipeline.Buffer);
    }

    static async Task<string> OfferedAsync(OperatedPipeline pipeline, string table)
    {
        var differing = await pipeline.RunAsync("verify", "hash", "--table", table, "--json");
        return JsonDocument.Parse(differing.Output).RootElement.GetProperty("items")[0].GetProperty("repair").GetString()!;
    }

    [Test, CancelAfter(300_000)]
    public async Task Rows_that_verify_names_are_copied_again_by_key_and_a_table_whole_and_both_are_equal_afterwards(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(Ddl, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'a' from generate_series(1, 2000) as i", cancellationToken);
        await pipeline.LoseAsync("update t set note = 'lost' where id in (42, 43); insert into t values (7777, 'lost')", cancellationToken);
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(pipeline, stop.Token);
        var differing = await pipeline.RunAsync("verify", "hash", "--table", "t", "--json");
        var offered = JsonDocument.Parse(differing.Output).RootElement.GetProperty("items")[0].GetProperty("repair").GetString()!;
        Assert.That((differing.ExitCode, offered), Is.EqualTo((ExitCode.Threshold, """philotes tables resync public.t --where '"id"::text in ('\''42'\'', '\''43'\'', '\''7777'\'')'""")));
        await pipeline.OutputAsync("tables", "resync", "public.t", "--where", "\"id\"::text in ('42', '43', '7777')", "--yes");
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.OutputAsync("verify", "hash", "--table", "t");
        await stop.CancelAsync();
        await load;

        await pipeline.LoseAsync("delete from t where id = 44; update t set note = 'lost too' where id > 100 and id < 500", cancellationToken);
        Assert.That((await pipeline.RunAsync("verify", "hash", "--table", "t")).Output, Does.Contain("philotes replay plan --mode table --table public.t"));
        var planned = (await pipeline.ItemsAsync("replay", "plan", "--mode", "table", "--table", "t")).Single();
        Assert.That(planned.GetProperty("plan").GetProperty("rowsCopied").GetString(), Is.EqualTo("all"));
        using var stopAgain = new CancellationTokenSource();
        load = LoadAsync(pipeline, stopAgain.Token);
        var number = $"{planned.GetProperty("replay").GetInt64()}";
        await pipeline.OutputAsync("replay", "run", number, "--yes", "--reason", "in doubt");
        await pipeline.OutputAsync("verify", "hash", "--table", "t");
        await stopAgain.CancelAsync();
        await load;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await pipeline.ItemsAsync("replay", "status")).Single().GetProperty("state").GetString(), Is.EqualTo("done"));
            Assert.That((await pipeline.RunAsync("replay", "run", number, "--yes")).Error, Does.Contain("PH017"), "once");
            Assert.That((await pipeline.ItemsAsync("audit", "list")).Select(item => item.GetProperty("action").GetString()), Does.Contain("replay run").And.Contain("tables resync"));
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task A_table_replay_is_given_up_while_nothing_of_it_is_copied_and_one_at_a_time_runs(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(Ddl, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'a' from generate_series(1, 500) as i", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.Pipeline.Capture!.TerminateAsync(cancellationToken);
        var first = (await pipeline.ItemsAsync("replay", "plan", "--mode", "table", "--table", "t", "--where", "id < 10")).Single().GetProperty("replay").GetInt64();
        var second = (await pipeline.ItemsAsync("replay", "plan", "--mode", "table", "--table", "t")).Single().GetProperty("replay").GetInt64();
        // Begun as the command begins it; what it waits for is a capture, which is away.
        await pipeline.BufferAsync<object>($"select philotes.begin_table_replay({first}, 'test', 'a')", cancellationToken);
        var other = await pipeline.RunAsync("replay", "run", $"{second}", "--yes");
        await pipeline.OutputAsync("replay", "cancel", $"{first}", "--yes");
        pipeline.Pipeline.StartCapture();
        await pipeline.Pipeline.ExecuteAsync("insert into t values (1000, 'after')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.OutputAsync("verify", "hash", "--table", "t");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((other.ExitCode, other.Error), Is.EqualTo((ExitCode.Refused, other.Error)));
            Assert.That(other.Error, Does.Contain("PH017: "));
            Assert.That((await pipeline.LakeAsync("t_changelog")).Where(row => row.Contains("\"read\"", StringComparison.Ordinal) || row.Contains("\"truncate\"", StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task A_replay_refuses_what_it_cannot_do_exactly(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync(Ddl, cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t values (1, 'a')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var noBatch = await pipeline.RunAsync("replay", "plan", "--mode", "rewind", "--table", "t", "--to-batch", "4711");
        var planned = (await pipeline.ItemsAsync("replay", "plan", "--mode", "rewind", "--table", "t", "--all")).Single().GetProperty("replay").GetInt64();
        await pipeline.BufferAsync<object>("update philotes.generation set dropped_at = now()", cancellationToken);
        var dropped = await pipeline.RunAsync("replay", "run", $"{planned}", "--yes");
        var late = await pipeline.RunAsync("replay", "plan", "--mode", "rewind", "--table", "t", "--all");
        await pipeline.BufferAsync<object>("update philotes.generation set dropped_at = null", cancellationToken);
        await pipeline.OutputAsync("replay", "cancel", $"{planned}", "--yes");
        var cancelled = await pipeline.RunAsync("replay", "run", $"{planned}", "--yes");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((noBatch.ExitCode, noBatch.Error), Is.EqualTo((ExitCode.Refused, noBatch.Error)));
            Assert.That(noBatch.Error, Does.StartWith("PH012: "));
            Assert.That(dropped.Error, Does.Contain("PH013: "));
            Assert.That(late.Error, Does.StartWith("PH013: "));
            Assert.That(cancelled.Error, Does.Contain("PH017: "));
        }
    }

    static async Task LoadAsync(OperatedPipeline pipeline, CancellationToken stop)
    {
        for (var i = 10_000; !stop.IsCancellationRequested; i++)
            await pipeline.Pipeline.ExecuteAsync($"insert into t values ({i}, 'load') on conflict do nothing; update t set note = note || '.' where id = {i % 40}; insert into other values ({i}) on conflict do nothing", CancellationToken.None);
    }

    static async Task RunAsync(OperatedPipeline pipeline, params string[] plan)
    {
        var planned = (await pipeline.ItemsAsync(["replay", "plan", .. plan])).Single();
        await pipeline.OutputAsync("replay", "run", $"{planned.GetProperty("replay").GetInt64()}", "--yes");
    }
}
