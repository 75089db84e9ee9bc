using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>Changes that cannot be written: kept, shown, corrected, written after all or written off; never lost and never doubled.</summary>
[NonParallelizable]
public sealed class DeadLetterTests
{
    [Test, CancelAfter(240_000)]
    public async Task A_value_that_no_column_holds_is_parked_corrected_and_written_once(CancellationToken cancellationToken)
    {
        await using var pipeline = await StartAsync("park", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t values (1, '2024-01-01', 'a'), (2, 'infinity', 'b'), (3, 'infinity', 'c'), (4, 'infinity', 'd')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);

        var groups = await pipeline.ItemsAsync("dlq", "list");
        var letters = await pipeline.ItemsAsync("dlq", "show", "--table", "t");
        var positions = letters.Select(item => item.GetProperty("position").GetString()!).ToList();
        Assert.That((groups.Single().GetProperty("code").GetString(), groups[0].GetProperty("count").GetInt64()), Is.EqualTo(("PH401", 3L)));
        Assert.That(await pipeline.OutputAsync("status"), Does.Contain("dead letters: 3 open (philotes dlq list)"));

        var lines = (await pipeline.OutputAsync("dlq", "export", "--table", "t")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement);
        Assert.That(lines.Select(line => line.GetProperty("item").GetProperty("position").GetString()), Is.EqualTo(positions));

        var unknown = await pipeline.RunAsync("dlq", "rewrite", positions[0], "--value", "nobody=1", "--yes");
        var still = await pipeline.RunAsync("dlq", "retry", "--table", "t", "--yes");
        var silent = await pipeline.RunAsync("dlq", "skip", positions[1], "--yes");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((unknown.ExitCode, unknown.Error), Is.EqualTo((ExitCode.Refused, "PH016: public.t has no column 'nobody' in the event's schema; it has id, day, note.\n")));
            Assert.That((still.ExitCode, still.Error), Is.EqualTo((ExitCode.Blocked, still.Error)));
            Assert.That(still.Error, Does.Contain("3 of 3 events still cannot be written"));
            Assert.That(silent.Error, Does.Contain("needs a reason"));
        }

        await pipeline.OutputAsync("dlq", "rewrite", positions[0], "--value", "day=2099-12-31", "--yes", "--reason", "agreed with the owner");
        await pipeline.OutputAsync("dlq", "skip", positions[1], "--yes", "--reason", "a test row");
        await pipeline.OutputAsync("dlq", "retry", positions[2], "--yes", "--set", "defaults.on_outside=null", "--reason", "null will do");
        await pipeline.Pipeline.ExecuteAsync("insert into t values (5, '2024-01-05', 'e')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);

        var rows = await pipeline.LakeAsync("t_changelog");
        var ended = await pipeline.ItemsAsync("dlq", "show", "--all");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => System.Text.Json.JsonDocument.Parse(row).RootElement.GetProperty("id").ToString()).Order(), Is.EqualTo(new[] { "1", "2", "4", "5" }));
            Assert.That(rows.Single(row => row.Contains("2099-12-31", StringComparison.Ordinal)), Does.Contain("\"b\""));
            Assert.That(ended.Select(item => item.GetProperty("resolution").GetString()), Is.EqualTo(new[] { "rewritten", "skip", "retry" }));
            Assert.That(ended[0].GetProperty("new").GetProperty("day").GetString(), Is.EqualTo("infinity"), "the change stays as it was captured");
            Assert.That(await pipeline.ItemsAsync("dlq", "list"), Is.Empty);
            Assert.That((await pipeline.ItemsAsync("audit", "list")).Select(item => item.GetProperty("action").GetString()), Is.SupersetOf(new[] { "dlq rewrite", "dlq skip", "dlq retry" }));
        }

        await LedgerInvariants.CheckAsync(pipeline.Pipeline.Buffer);
    }

    [Test, CancelAfter(240_000)]
    public async Task Later_changes_of_a_parked_key_wait_behind_it_and_other_keys_do_not(CancellationToken cancellationToken)
    {
        await using var pipeline = await StartAsync("park-key", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t values (1, 'infinity', 'a'), (2, '2024-01-01', 'b')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("update t set day = '2024-02-02' where id = 1; update t set note = 'B' where id = 2; update t set id = 10 where id = 1", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var letters = await pipeline.ItemsAsync("dlq", "show", "--table", "t");
        Assert.That(letters.Select(item => item.GetProperty("code").GetString()), Is.EqualTo(new[] { "PH401", "PH404", "PH404" }));
        await pipeline.OutputAsync("dlq", "retry", "--table", "t", "--yes", "--set", "defaults.on_outside=null");
        var rows = await pipeline.LakeAsync("t_changelog");
        Assert.That(rows, Has.Count.EqualTo(5));
        Assert.That(rows.Distinct().Count(), Is.EqualTo(5));
    }

    [TestCase("block-table", TestName = "A_torn_event_blocks_its_table_and_only_it")]
    [TestCase("park", TestName = "A_torn_event_is_parked_and_its_table_goes_on")]
    [CancelAfter(240_000)]
    public async Task An_event_that_cannot_be_encoded_follows_the_policy(string policy, CancellationToken cancellationToken)
    {
        await using var pipeline = await StartAsync(policy, cancellationToken, writer: false);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, '2024-01-01', 'n' from generate_series(1, 500) as i; insert into other values (1)", cancellationToken);
        await pipeline.Pipeline.DurableAsync(await pipeline.Pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
        // A hostile image, as damage or a bug of another version would leave it; the checksum is taken away with it.
        await pipeline.BufferAsync<object>(
            "update philotes.event set new_row = '\\x0003' where ord = 321 and chunk in (select chunk from philotes.chunk join philotes.source_table using (table_id) where table_name = 't'); update philotes.chunk set crc32c = null", cancellationToken);
        pipeline.Pipeline.StartWriter();
        await pipeline.UntilAsync("select count(*) = 1 from philotes.v_table where table_name = 'public.other' and rows_pending = 0", cancellationToken);
        if (policy == "block-table")
        {
            await pipeline.UntilAsync("select state = 'blocked' and state_reason = 'PH405' from philotes.v_table where table_name = 'public.t'", cancellationToken);
            Assert.That(await pipeline.OutputAsync("status"), Does.Match("public.t +BLOCKED +500 .*PH405 The event at [0-9A-F]+/[0-9A-F]+:32[0-9] of public.t cannot be encoded"));
            Assert.That(await pipeline.BufferAsync<long>("select count(*) from philotes.dead_letter", cancellationToken), Is.Zero);
            return;
        }

        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        Assert.That((await pipeline.ItemsAsync("dlq", "list")).Single().GetProperty("code").GetString(), Is.EqualTo("PH405"));
        Assert.That(await pipeline.LakeAsync("t_changelog"), Has.Count.EqualTo(499));
    }

    [Test, CancelAfter(240_000)]
    public async Task A_storm_of_them_blocks_the_table_instead_of_parking_it_away(CancellationToken cancellationToken)
    {
        await using var pipeline = await StartAsync("park", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'infinity', 'n' from generate_series(1, 200) as i", cancellationToken);
        await pipeline.UntilAsync("select state = 'blocked' and state_reason = 'PH410' from philotes.v_table where table_name = 'public.t'", cancellationToken);
        Assert.That(await pipeline.BufferAsync<long>("select count(*) from philotes.dead_letter", cancellationToken), Is.Zero);

        Assert.That((await pipeline.RunAsync("status", "--fail-if-blocked")).ExitCode, Is.EqualTo(ExitCode.Threshold));
        Assert.That((await pipeline.RunAsync("status", "--watch", "--fail-if-lag", "1s")).ExitCode, Is.EqualTo(ExitCode.Threshold));
        Assert.That((await pipeline.RunAsync("status", "--fail-if-lag", "1h")).ExitCode, Is.Zero);
        await using var watch = ProgramProcess.Run("Cli", Programs.Find("Cli"), null, "status", "--watch", "--config", pipeline.Pipeline.ConfigurationFile);
        await Until.TrueAsync(() => Task.FromResult(watch.Output.Split("BUFFER").Length > 2), () => watch.Output, cancellationToken);
        Assert.That(await watch.InterruptAsync(cancellationToken), Is.EqualTo(ExitCode.Interrupted), watch.Output);
    }

    static Task<OperatedPipeline> StartAsync(string policy, CancellationToken cancellationToken, bool writer = true) => OperatedPipeline.StartAsync(
        "create table t (id int primary key, day date, note text); create table other (id int primary key)", cancellationToken, writer: writer,
        defaults: $"{Environment.NewLine}  on_outside: reject{Environment.NewLine}  on_poison: {policy}");
}
