using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;
using Philotes.Hosting;
using Quartz;

namespace Philotes.BatchWriter;

/// <summary>The buffer's checks of <c>philotes doctor</c>, at the start and on a schedule, as a metric; a check that begins to fail is logged once.</summary>
[DisallowConcurrentExecution]
internal sealed class BufferCheckJob(WriterBuffer buffer, ChecksState state, PhilotesOptions options, WriterMetrics metrics, ILogger<BufferCheckJob> logger) : IJob
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var (started, isDone) = (Stopwatch.GetTimestamp(), false);
        try
        {
            var findings = await buffer.CheckAsync(options, cancellationToken);
            foreach (var finding in state.Ran("buffer", findings))
                logger.CheckFails(finding.Id, finding.Area, finding.What);
            isDone = true;
        }
        catch (NpgsqlException away)
        {
            logger.ChecksFailed(away, Every);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A stop: there is nothing to leave behind.
        }
        finally
        {
            metrics.Job("checks", Stopwatch.GetElapsedTime(started), isDone || cancellationToken.IsCancellationRequested);
        }
    }
}
