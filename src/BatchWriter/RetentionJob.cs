using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.BatchWriter.Grouping;
using Philotes.Buffer;
using Philotes.Hosting;
using Quartz;

namespace Philotes.BatchWriter;

/// <summary>Opens and drops the buffer's generations; one process at a time does it, whoever holds the lock.</summary>
[DisallowConcurrentExecution]
internal sealed class RetentionJob(WriterBuffer buffer, PhilotesOptions options, WriterMetrics metrics, ILogger<RetentionJob> logger) : IJob
{
    private const double SoftShare = 0.8;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var (started, isDone) = (Stopwatch.GetTimestamp(), false);
        try
        {
            await buffer.Retention.RunAsync(
                new RetentionOptions { ReplayWindow = await WindowAsync(cancellationToken), GenerationBytesMax = options.Buffer.GenerationBytes.Bytes, CopyBytesMax = options.Source.Copy.BufferBytes.Bytes }, cancellationToken);
            isDone = true;
        }
        catch (Exception failed) when (failed is NpgsqlException or Shared.PhilotesException)
        {
            logger.RetentionFailed(failed, FailureClass.Of(failed).Code, options.Buffer.RetentionEvery, FailureClass.Of(failed).Reason);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A stop: the next round goes on where this one was.
        }
        finally
        {
            metrics.Job("retention", Stopwatch.GetElapsedTime(started), isDone || cancellationToken.IsCancellationRequested);
        }
    }

    /// <summary>Near the limit the replay window gives way before capture has to wait: what is in the lake goes sooner, and nothing else.</summary>
    private async Task<TimeSpan> WindowAsync(CancellationToken cancellationToken)
    {
        var bytes = await buffer.Status.SizeAsync(cancellationToken);
        if (bytes < options.Buffer.MaxBytes.Bytes * SoftShare || options.Buffer.MinReplayWindow >= options.Buffer.ReplayWindow)
            return options.Buffer.ReplayWindow;
        logger.BufferFilling("PH502", bytes, options.Buffer.MaxBytes.Bytes, options.Buffer.MinReplayWindow);
        return options.Buffer.MinReplayWindow;
    }
}
