using Microsoft.Extensions.Hosting;

namespace Philotes.Capture;

/// <summary>One line a minute at info, of the flushes that were each a line at debug. A minute without any says nothing.</summary>
internal sealed class MinuteSummary(CaptureSettings settings, CaptureRuntime runtime) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, runtime.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var (flushes, rows, transactions, bytes) = runtime.Metrics.TakeSums();
                if (flushes > 0)
                    runtime.Logger.Minute(settings.SourceName, flushes, rows, transactions, bytes, runtime.Metrics.DurableLsn);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop: there is nothing to leave behind.
        }
    }
}
