using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Capture.Source;

namespace Philotes.Capture;

/// <summary>
/// Looks at our slot beside the stream: what it keeps at the source and when it would be lost. It goes on while the stream is down or waits, which is
/// when these numbers matter.
/// </summary>
internal sealed class SourceWatch(CaptureSettings settings, CaptureRuntime runtime) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private (decimal Position, long At)? _last;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var source = NpgsqlDataSource.Create(settings.SourceConnection());
        using var timer = new PeriodicTimer(Every, runtime.Time);
        try
        {
            do
            {
                await LookAsync(source, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop: there is nothing to leave behind.
        }
    }

    private async Task LookAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            runtime.Metrics.Slot(await SlotAsync(source, cancellationToken));
        }
        catch (NpgsqlException away)
        {
            // The stream says what is wrong with the source; here only the numbers stop.
            runtime.Logger.SourceNotWatched(away, settings.SourceName);
        }
    }

    private async Task<SlotSample?> SlotAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(WatchSql.Slot);
        command.Parameters.Add(new NpgsqlParameter { Value = settings.SlotName });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var (position, now) = (reader.GetDecimal(0), runtime.Time.GetTimestamp());
        var rate = _last is { } last ? Math.Max(0, (double)(position - last.Position) / runtime.Time.GetElapsedTime(last.At, now).TotalSeconds) : 0;
        _last = (position, now);
        return new SlotSample(
            reader.GetBoolean(1), reader.IsDBNull(2) ? "none" : reader.GetString(2), reader.IsDBNull(3) ? 0 : reader.GetInt64(3), reader.IsDBNull(4) ? 0 : reader.GetInt64(4),
            reader.IsDBNull(5) ? null : reader.GetInt64(5), reader.IsDBNull(6) ? 0 : reader.GetInt64(6), rate);
    }
}
