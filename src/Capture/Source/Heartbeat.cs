using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Writes a sign of life into the source's log and watches it come out of the buffer: a capture that looks alive and hears nothing is found by
/// it, whatever the reason. One sign is on its way at a time. It is a logical message that belongs to no transaction, and nothing of it is
/// kept; the position behind it is what must become durable.
/// </summary>
internal sealed class Heartbeat(CaptureSettings settings, CaptureRuntime runtime)
{
    private const int MissedMax = 3;

    private readonly long _started = runtime.Time.GetTimestamp();
    private (Lsn Lsn, long At)? _onItsWay;
    private bool _stalled;

    /// <summary>Beats until cancelled. A source that cannot be asked is asked again at the next beat; the stream's own failure says why.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(settings.HeartbeatEvery, runtime.Time);
        runtime.Metrics.HeartbeatDurable(_started);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                Look();
                _onItsWay ??= await SendAsync(cancellationToken);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                var failure = CaptureFailure.Of(e);
                runtime.Logger.HeartbeatNotSent(e, failure.Code, settings.SourceName, settings.HeartbeatEvery, failure.Reason);
            }
        }
    }

    private void Look()
    {
        if (_onItsWay is not { } beat)
        {
            return;
        }

        if (runtime.Metrics.DurableLsn >= beat.Lsn)
        {
            runtime.Metrics.HeartbeatDurable(beat.At);
            _onItsWay = null;
            if (_stalled)
            {
                _stalled = false;
                runtime.Health.Ready();
            }
        }
        else if (!_stalled && runtime.Time.GetElapsedTime(beat.At) > MissedMax * settings.HeartbeatEvery)
        {
            _stalled = true;
            runtime.Logger.Stalled(settings.SourceName, beat.Lsn, runtime.Time.GetElapsedTime(beat.At));
            runtime.Health.NotReady($"PH126: the source's log at {beat.Lsn} has not come out of the buffer for {runtime.Time.GetElapsedTime(beat.At):g}");
        }
    }

    private async Task<(Lsn, long)> SendAsync(CancellationToken cancellationToken)
    {
        await using var catalog = await SourceConnection.OpenAsync(settings.SourceConnection(), cancellationToken);
        await using var command = new NpgsqlCommand(SourceSql.EmitHeartbeat, catalog);
        return (Lsn.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!), runtime.Time.GetTimestamp());
    }
}
