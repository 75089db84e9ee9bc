using Philotes.Hosting;

namespace Philotes.Cli.Tests.Operations;

/// <summary>What <c>source repair</c> refuses. That it repairs is in the how-to's test of a lost slot.</summary>
[NonParallelizable]
public sealed class SourceRepairTests
{
    [Test, CancelAfter(300_000)]
    public async Task A_source_that_lost_nothing_and_one_on_another_cluster_are_not_repaired(CancellationToken cancellationToken)
    {
        await using var pipeline = await OperatedPipeline.StartAsync("create table t (id int primary key)", cancellationToken, writer: false);
        await pipeline.Pipeline.DurableAsync(await pipeline.Pipeline.SourcePositionAsync(cancellationToken), cancellationToken);
        var healthy = await pipeline.RunAsync("source", "repair", "--yes");
        Assert.That((healthy.ExitCode, healthy.Output), Is.EqualTo((ExitCode.Refused, "")));
        Assert.That(healthy.Error, Does.StartWith("PH020: Nothing of source shop is lost"));
        await pipeline.Pipeline.Capture!.TerminateAsync(cancellationToken);
        await pipeline.BufferAsync<object>("update philotes.source set system_identifier = '4711'", cancellationToken);
        var refused = await pipeline.RunAsync("source", "repair", "--yes");
        Assert.That((refused.ExitCode, refused.Output), Is.EqualTo((ExitCode.Refused, "")));
        Assert.That(refused.Error, Does.StartWith("PH020: ").And.Contain("PH101").And.Contain("new source.name"));
    }
}
