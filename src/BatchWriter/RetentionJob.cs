using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.BatchWriter.Grouping;
using Philotes.Buffer;
using Philotes.Hosting;
using Quartz;

namespace Philotes.BatchWriter;

/// <summary>
/// Opens and drops the buffer's generations; one process at a time does it, whoever holds the lock. It takes the owner of the buffer's schema: a writer with
/// the role philotes_writer says so once and goes on; each round that failed is counted.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class RetentionJob(WriterBuffer buffer, RetentionTrouble trouble, PhilotesOptions options, WriterMetrics metrics, ILogger<RetentionJob> logger) : IJob
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
            trouble.Ended();
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            if (trouble.IsNew("PH509", reason: ""))
                logger.RetentionNotOurs("PH509", refused.MessageText);
        }
        catch (Exception failed) when (failed is NpgsqlException or Shared.PhilotesException)
        {
            var failure = FailureClass.Of(failed);
            if (trouble.IsNew(failure.Code, failure.Reason))
                logger.RetentionFailed(failed, failure.Code, options.Buffer.RetentionEvery, failure.Reason);
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
