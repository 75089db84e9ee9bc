using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.BatchWriter.Grouping;
using Philotes.Buffer;
using Philotes.Hosting;
using Quartz;

namespace Philotes.BatchWriter;

/// <summary>Opens and drops the buffer's generations; one process at a time does it, whoever holds the lock.</summary>
[DisallowConcurrentExecution]
internal sealed class RetentionJob(WriterBuffer buffer, PhilotesOptions options, ILogger<RetentionJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await buffer.Retention.RunAsync(
                new RetentionOptions { ReplayWindow = options.Buffer.ReplayWindow, GenerationBytesMax = options.Buffer.GenerationBytes.Bytes }, cancellationToken);
        }
        catch (Exception failed) when (failed is NpgsqlException or Shared.PhilotesException)
        {
            logger.RetentionFailed(failed, FailureClass.Of(failed).Code, options.Buffer.RetentionEvery, FailureClass.Of(failed).Reason);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A stop: the next round goes on where this one was.
        }
    }
}
