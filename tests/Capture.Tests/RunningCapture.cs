namespace Philotes.Capture.Tests;

/// <summary>A capture session that runs beside the test.</summary>
internal sealed class RunningCapture : IAsyncDisposable
{
    private readonly CaptureRig _rig;
    private readonly CancellationTokenSource _stop = new();

    private RunningCapture(CaptureRig rig)
    {
        _rig = rig;
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

            return await _rig.SourceAsync<bool>(
                $"select exists (select from pg_replication_slots where slot_name = '{_rig.Settings.SlotName}' and active)", cancellationToken);
        },
        cancellationToken);

    /// <summary>The orderly stop: flush, acknowledge, leave.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Ended;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Ended.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }
}
