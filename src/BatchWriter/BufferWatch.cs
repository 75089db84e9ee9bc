using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;

namespace Philotes.BatchWriter;

/// <summary>Looks at the buffer for the metrics, beside the work: a writer that hangs is still seen to hang.</summary>
internal sealed class BufferWatch(WriterBuffer buffer, BufferMetrics metrics, DeliveryWatch delivery, WriterMetrics writer, TimeProvider clock, ILogger<BufferWatch> logger) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private long _summarised = clock.GetTimestamp();

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

    /// <summary>One line a minute at info, of the commits that were each a line at debug. A minute without any says nothing.</summary>
    private void Summarise(StatusReport report)
    {
        if (clock.GetElapsedTime(_summarised) < Minute)
            return;
        _summarised = clock.GetTimestamp();
        var (batches, rows, parked) = writer.TakeSums();
        if (batches > 0)
            logger.Minute(batches, rows, parked, report.Tables.Sum(table => table.RowsPending), report.At - (report.Tables.Min(table => table.OldestPendingAt) ?? report.At));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var report = await buffer.Status.ReadAsync(cancellationToken);
            delivery.Looked(report);
            metrics.Looked(report, delivery.IsStalled);
            Summarise(report);
        }
        catch (NpgsqlException away)
        {
            logger.BufferNotWatched(away);
        }
    }
}
