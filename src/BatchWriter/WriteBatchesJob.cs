using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.BatchWriter.Grouping;
using Philotes.Hosting;
using Quartz;

namespace Philotes.BatchWriter;

/// <summary>Runs until no batch is due. What fails inside a batch is the batch's; only a buffer that cannot be asked ends a run early.</summary>
[DisallowConcurrentExecution]
internal sealed class WriteBatchesJob(
    BatchRunner runner, WriterBuffer buffer, PhilotesOptions options, ProcessHealth health, DeliveryWatch delivery, WriterMetrics metrics, ILogger<WriteBatchesJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        health.Progress();
        var (started, isDone) = (Stopwatch.GetTimestamp(), false);
        try
        {
            await buffer.Schema.RequireCurrentAsync(cancellationToken);
            await runner.RunUntilIdleAsync(cancellationToken);
            if (!delivery.IsStalled)
                health.Ready();
            isDone = true;
        }
        catch (Exception unreachable) when (unreachable is NpgsqlException or Shared.PhilotesException)
        {
            var failure = FailureClass.Of(unreachable);
            health.NotReady($"{failure.Code}: {failure.Reason}");
            logger.BufferUnreachable(unreachable, failure.Code, options.Writer.Every, failure.Reason);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A stop: leases of unfinished batches end, and their successors go on.
        }
        finally
        {
            metrics.Job("write", Stopwatch.GetElapsedTime(started), isDone || cancellationToken.IsCancellationRequested);
        }
    }
}
