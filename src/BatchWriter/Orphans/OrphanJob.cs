using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Hosting;
using Philotes.Iceberg;
using Quartz;

namespace Philotes.BatchWriter.Orphans;

/// <summary>Removes orphans on a schedule. Several writers may do it at once: each removal is of an object that nothing will ever refer to.</summary>
[DisallowConcurrentExecution]
internal sealed class OrphanJob(OrphanSweep sweep, PhilotesOptions options, WriterMetrics metrics, ILogger<OrphanJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var (started, isDone) = (Stopwatch.GetTimestamp(), false);
        try
        {
            var (objects, uploads) = await sweep.DeleteAsync(cancellationToken);
            if (objects + uploads > 0)
                logger.OrphansRemoved(objects, uploads);
            isDone = true;
        }
        catch (Exception failed) when (failed is NpgsqlException or Shared.PhilotesException or IcebergException or IOException)
        {
            logger.OrphansFailed(failed, options.Writer.OrphansEvery);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A stop: the next round goes on where this one was.
        }
        finally
        {
            metrics.Job("orphans", Stopwatch.GetElapsedTime(started), isDone || cancellationToken.IsCancellationRequested);
        }
    }
}
