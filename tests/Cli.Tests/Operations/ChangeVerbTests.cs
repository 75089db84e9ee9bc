using System.Text.Json;
using Npgsql;
using Philotes.Hosting;

namespace Philotes.Cli.Tests.Operations;

/// <summary>What an operator changes: planned, agreed to, done, audited; without a superuser.</summary>
[NonParallelizable]
public sealed class ChangeVerbTests
{
    [Test, CancelAfter(180_000)]
    public async Task A_paused_table_waits_alone_and_goes_on_when_resumed_and_both_are_audited(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table a (id int primary key); create table b (id int primary key)", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into a values (1); insert into b values (1)", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);

        var asked = await pipeline.RunAsync("tables", "pause", "a", "--reason", "mapping under repair");
        Assert.That((asked.ExitCode, asked.Output), Is.EqualTo((ExitCode.Cancelled, asked.Output)), "nobody agreed");
        Assert.That(await pipeline.BufferAsync<long>("select count(*) from philotes.audit", cancellationToken), Is.Zero);

        await pipeline.OutputAsync("tables", "pause", "a", "--reason", "mapping under repair", "--yes");
        await pipeline.Pipeline.ExecuteAsync("insert into a values (2); insert into b values (2)", cancellationToken);
        await pipeline.Pipeline.DurableAsync(await pipeline.Pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
        await pipeline.UntilAsync("select count(*) = 1 from philotes.v_table where rows_pending = 0 and table_name = 'public.b'", cancellationToken);
        var waiting = await pipeline.ItemsAsync("events", "find", "--table", "a", "--status", "pending");
        Assert.That(waiting.Single().GetProperty("why").GetString(), Is.EqualTo("the table is paused: mapping under repair"));

        var resumed = JsonDocument.Parse(await pipeline.OutputAsync("tables", "resume", "a", "--yes", "--json", "--reason", "repaired")).RootElement;
        Assert.That(resumed.GetProperty("done").GetString(), Is.EqualTo("Table public.a is active."));
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var audit = await pipeline.ItemsAsync("audit", "list");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(audit.Select(item => item.GetProperty("action").GetString()), Is.EqualTo(new[] { "tables resume", "tables pause" }));
            Assert.That(audit.Select(item => item.GetProperty("reason").GetString()), Is.EqualTo(new[] { "repaired", "mapping under repair" }));
            Assert.That(audit[0].GetProperty("actor").GetString(), Does.Match(".+ as .+"));
            Assert.That(audit[1].GetProperty("detail").GetProperty("before").GetString(), Is.EqualTo("active"));
        }
    }

    [Test, CancelAfter(180_000)]
    public async Task A_blocked_batch_goes_on_when_it_is_retried_and_a_claim_can_be_ended_by_an_operator_who_is_no_superuser(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table a (id int primary key)", cancellationToken, writer: false);
        await pipeline.Pipeline.ExecuteAsync("insert into a values (1)", cancellationToken);
        await pipeline.UntilAsync("select count(*) = 1 from philotes.table_head where head_seq > 0", cancellationToken);
        await pipeline.BufferAsync<object>(
            "select philotes.fail_batch(batch_id, claim_token, 'PH302', 'the mark is another one', '0', true) from philotes.claim_batch('somebody', 10, 1000000, '1 h')", cancellationToken);
        await pipeline.BufferAsync<object>("create role oncall login password 'oncall' in role philotes_operator", cancellationToken);
        var as_ = new NpgsqlConnectionStringBuilder(pipeline.Pipeline.BufferConnection);
        string[] oncall = ["--set", "buffer.connection.user=oncall", "--set", "buffer.connection.password=oncall"];

        var batch = (await pipeline.ItemsAsync(["batches", "list", "--state", "dead", .. oncall])).Single();
        Assert.That(batch.GetProperty("error").GetString(), Is.EqualTo("the mark is another one"));
        var number = $"{batch.GetProperty("batch").GetInt64()}";
        await pipeline.OutputAsync(["batches", "retry", number, "--yes", "--reason", "mark restored", .. oncall]);
        await pipeline.BufferAsync<object>("select 1 from philotes.claim_batch('a writer that hangs', 10, 1000000, '1 h')", cancellationToken);
        await pipeline.OutputAsync(["batches", "release", number, "--yes", .. oncall]);
        pipeline.Pipeline.StartWriter();
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var again = await pipeline.RunAsync(["batches", "retry", number, "--yes", .. oncall]);
        var direct = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            as_.Username = as_.Password = "oncall";
            await using var db = NpgsqlDataSource.Create(as_);
            await using var command = db.CreateCommand("update philotes.batch set state = 'rewound'");
            await command.ExecuteNonQueryAsync(cancellationToken);
        });
        var audit = await pipeline.ItemsAsync(["audit", "list", .. oncall]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((again.ExitCode, again.Error), Is.EqualTo((ExitCode.Refused, $"PH014: The buffer refused and changed nothing: batch {number} is committed, not failed. (cause: PH014: batch {number} is committed, not failed)\n")));
            Assert.That(direct!.SqlState, Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
            Assert.That(audit.Select(item => item.GetProperty("action").GetString()), Is.EqualTo(new[] { "batches release", "batches retry" }));
            Assert.That(audit[0].GetProperty("actor").GetString(), Does.EndWith(" as oncall"));
        }
    }

    [Test, CancelAfter(120_000)]
    public async Task A_pinned_generation_stays_and_says_who_holds_it(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table a (id int primary key)", cancellationToken, "", writer: false);
        await pipeline.BufferAsync<object>("call philotes.add_generation(2); update philotes.source set current_gen = 2, capture_gen = 2; update philotes.generation set sealed_at = now() - interval '1 d' where gen = 1", cancellationToken);
        await pipeline.OutputAsync("retention", "pin", "1", "ann: replay of friday", "--yes");
        string[] window = ["--set", "buffer.replay_window=0s"];
        await pipeline.OutputAsync(["retention", "run", "--yes", .. window]);
        var kept = await pipeline.ItemsAsync(["retention", "show", .. window]);
        Assert.That(kept[0].GetProperty("keptBy").GetString(), Is.EqualTo("pinned: ann: replay of friday"));
        await pipeline.OutputAsync("retention", "unpin", "1", "--yes");
        await pipeline.OutputAsync(["retention", "run", "--yes", .. window]);
        var after = await pipeline.ItemsAsync("retention", "show");
        Assert.That(after.Select(item => item.GetProperty("generation").GetInt32()), Is.EqualTo(new[] { 2 }));
    }
}
