using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Philotes.Shared;

/// <summary>
/// Named places where a test can make this process die, wait or fail. Off unless PHILOTES_FAILPOINTS is set when the process starts:
/// <code>PHILOTES_FAILPOINTS="cap.after_copy=exit@3,cap.before_ack=delay(200),cap.idle_ack=error@1"</code>
/// <c>exit</c> kills the process as SIGKILL does, <c>error</c> throws, <c>delay(ms)</c> waits. <c>@n</c> acts on the n-th hit only; without it, on every hit.
/// </summary>
public static class Failpoints
{
    private static readonly ConcurrentDictionary<string, Failpoint>? Armed = Parse(Environment.GetEnvironmentVariable("PHILOTES_FAILPOINTS"));

    /// <summary>Passes the place called <paramref name="name"/>.</summary>
    public static void Hit(string name)
    {
        if (Armed is not null && Armed.TryGetValue(name, out var point) && point.Fires())
        {
            point.Act(name);
            if (point.Delay > TimeSpan.Zero)
            {
                using var never = new ManualResetEventSlim();
                never.Wait(point.Delay);
            }
        }
    }

    /// <summary>Passes the place called <paramref name="name"/> without blocking a thread while it waits.</summary>
    public static ValueTask HitAsync(string name, CancellationToken cancellationToken)
    {
        if (Armed is null || !Armed.TryGetValue(name, out var point) || !point.Fires())
        {
            return ValueTask.CompletedTask;
        }

        point.Act(name);
        return point.Delay > TimeSpan.Zero ? new ValueTask(Task.Delay(point.Delay, cancellationToken)) : ValueTask.CompletedTask;
    }

    private static ConcurrentDictionary<string, Failpoint>? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var points = new ConcurrentDictionary<string, Failpoint>(StringComparer.Ordinal);
        foreach (var entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, action) = entry.Split('=', 2) is [var left, var right] ? (left, right) : throw new FormatException($"Failpoint '{entry}' is not name=action.");
            points[name] = Failpoint.Parse(action);
        }

        return points;
    }

    private sealed class Failpoint(string mode, TimeSpan delay, int? onlyHit)
    {
        private int _hits;

        public TimeSpan Delay { get; } = delay;

        public static Failpoint Parse(string action)
        {
            var (what, hit) = action.Split('@', 2) is [var left, var right] ? (left, int.Parse(right, CultureInfo.InvariantCulture)) : (action, (int?)null);
            if (what.StartsWith("delay(", StringComparison.Ordinal) && what.EndsWith(')'))
            {
                return new Failpoint("delay", TimeSpan.FromMilliseconds(int.Parse(what[6..^1], CultureInfo.InvariantCulture)), hit);
            }

            return what is "exit" or "error"
                ? new Failpoint(what, TimeSpan.Zero, hit)
                : throw new FormatException($"Failpoint action '{what}' is not exit, error or delay(milliseconds).");
        }

        public bool Fires() => Interlocked.Increment(ref _hits) is var hit && (onlyHit is null || hit == onlyHit);

        public void Act(string name)
        {
            if (mode == "exit")
            {
                using var self = Process.GetCurrentProcess();
                self.Kill();
            }

            if (mode == "error")
            {
                throw new IOException($"Failpoint {name}.");
            }
        }
    }
}
