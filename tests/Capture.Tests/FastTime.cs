namespace Philotes.Capture.Tests;

/// <summary>A clock and timers that run so many times as fast, for waits that nobody would sit through.</summary>
internal sealed class FastTime(int factor) : TimeProvider
{
    public override long GetTimestamp() => factor * base.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Shortened(dueTime), Shortened(period));

    private TimeSpan Shortened(TimeSpan wait) => wait <= TimeSpan.Zero ? wait : TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, wait.Ticks / factor));
}
