namespace Philotes.Capture.Tests;

/// <summary>A capture session that runs beside the test.</summary>
internal sealed class RunningCapture : IAsyncDisposable
{
    private readonly CaptureRig _rig;
    private readonly int _startsBefore;
    private readonly CancellationTokenSource _stop = new();

    private RunningCapture(CaptureRig rig)
    {
        _rig = rig;
        _startsBefore = Starts();
        Ended = new CaptureSession(rig.Settings, rig.Buffer, rig.Runtime()).RunAsync(_stop.Token);
    }

    public Task Ended { get; }

    public static RunningCapture Start(CaptureRig rig) => new(rig);

    public Task StreamingAsync(CancellationToken cancellationToken) => CaptureRig.UntilAsync(
        async () =>
        {
            if (Ended.IsFaulted)
            {
                await Ended;
            }

            return Starts() > _startsBefore && await _rig.SourceAsync<bool>(
                $"select exists (select from pg_replication_slots where slot_name = '{_rig.Settings.SlotName}' and active)", cancellationToken);
        },
        cancellationToken);

    /// <summary>The orderly stop: flush, acknowledge, leave. The server has let go of the slot then.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Ended;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _rig.SlotLeftAsync(limit.Token);
    }

    /// <summary>Waits for the end and expects it to be a failure.</summary>
    public async Task<Exception> FailureAsync()
    {
        try
        {
            await Ended;
        }
        catch (Exception e)
        {
            return e;
        }

        throw new AssertionException("The capture ended without a failure.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Ended.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private int Starts() => _rig.Log.Lines.Count(line => line.Contains("continues at", StringComparison.Ordinal));
}
