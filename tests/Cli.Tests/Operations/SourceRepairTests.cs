using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>A source whose slot is lost goes on under its name, and nothing is missing; what would not be exact is refused.</summary>
[NonParallelizable]
public sealed class SourceRepairTests
{
    [Test, CancelAfter(300_000)]
    public async Task A_source_without_its_slot_begins_anew_and_every_table_is_equal_again(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key, note text); create table quiet (id int primary key)", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into t select i, 'a' from generate_series(1, 1000) as i; insert into quiet values (1), (2)", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        var healthy = await pipeline.RunAsync("source", "repair", "--yes");
        await pipeline.Pipeline.Capture!.TerminateAsync(cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("update t set note = 'missed' where id < 100; delete from t where id > 900; delete from quiet where id = 1", cancellationToken);
        pipeline.Pipeline.StartCapture();
        await pipeline.Pipeline.Capture!.ExitAsync(cancellationToken);
        Assert.That(pipeline.Pipeline.Capture!.Output, Does.Contain("PH102"));

        var unagreed = await pipeline.RunAsync("source", "repair");
        await pipeline.OutputAsync("source", "repair", "--yes", "--reason", "the slot was dropped by mistake");
        pipeline.Pipeline.StartCapture();
        await pipeline.Pipeline.ExecuteAsync("insert into t values (5000, 'afterwards')", cancellationToken);
        await pipeline.UntilAsync("select count(*) = 2 and bool_and(state = 'active') from philotes.v_copy", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.OutputAsync("verify", "hash");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((healthy.ExitCode, unagreed.ExitCode), Is.EqualTo((ExitCode.Refused, ExitCode.Cancelled)));
            Assert.That(healthy.Error, Does.StartWith("PH020: Nothing of source shop is lost"));
            Assert.That(unagreed.Output, Does.Contain("Every captured table is copied again"));
            Assert.That((await pipeline.ItemsAsync("audit", "list"))[0].GetProperty("action").GetString(), Is.EqualTo("source repair"));
            Assert.That((await pipeline.ItemsAsync("source", "show"))[0].GetProperty("state").GetString(), Is.EqualTo("streaming"));
        }

        await LedgerInvariants.CheckAsync(pipeline.Pipeline.Buffer);
    }

    [Test, CancelAfter(300_000)]
    public async Task Another_cluster_is_not_repaired_under_the_same_name(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key)", cancellationToken, writer: false);
        await pipeline.Pipeline.DurableAsync(await pipeline.Pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
        await pipeline.Pipeline.Capture!.TerminateAsync(cancellationToken);
        await pipeline.BufferAsync<object>("update philotes.source set system_identifier = '4711'", cancellationToken);
        var refused = await pipeline.RunAsync("source", "repair", "--yes");
        Assert.That((refused.ExitCode, refused.Output), Is.EqualTo((ExitCode.Refused, "")));
        Assert.That(refused.Error, Does.StartWith("PH020: ").And.Contain("PH101").And.Contain("new source.name"));
    }
}
