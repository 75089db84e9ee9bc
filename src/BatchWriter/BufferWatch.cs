using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Philotes.BatchWriter;

/// <summary>Looks at the buffer for the metrics, beside the work: a writer that hangs is still seen to hang.</summary>
internal sealed class BufferWatch(WriterBuffer buffer, BufferMetrics metrics, TimeProvider clock, ILogger<BufferWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop: there is nothing to leave behind.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            metrics.Looked(await buffer.Status.ReadAsync(cancellationToken));
        }
        catch (NpgsqlException away)
        {
            logger.BufferNotWatched(away);
        }
    }
}
