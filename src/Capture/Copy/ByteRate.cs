namespace Philotes.Capture.Copy;

/// <summary>Holds all readers together to a number of bytes per second. Half a second's worth may be ahead.</summary>
internal sealed class ByteRate(long? bytesPerSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _paidUntil;

    /// <summary>Waits until <paramref name="bytes"/>, already read, are within the rate.</summary>
    public Task WaitAsync(long bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond is not { } rate)
        {
            return Task.CompletedTask;
        }

        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetElapsedTime(_started);
            _paidUntil = (_paidUntil > now ? _paidUntil : now) + TimeSpan.FromSeconds((double)bytes / rate);
            wait = _paidUntil - now - TimeSpan.FromSeconds(0.5);
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
    }
}
