using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Philotes.Hosting;

/// <summary>
/// Of warnings and errors with the same event, code or check, and table, lets the first through and then one a minute, which says how many were left out.
/// </summary>
sealed class LogThrottle(TimeProvider time)
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    const int KeysMax = 10_000;

    readonly ConcurrentDictionary<(int Event, string? What, string? Table), Window> _windows = new();

    public bool Lets(in LogEntry entry, out int suppressed)
    {
        suppressed = 0;
        if (entry.Level is not (LogLevel.Warning or LogLevel.Error) || entry.EventId.Id == 0 || _windows.Count >= KeysMax)
            return true;
        var table = entry.Fields.FirstOrDefault(field => field.Key is "Table" or "TableName").Value?.ToString();
        var what = entry.Code ?? entry.Fields.FirstOrDefault(field => field.Key is "Check").Value?.ToString();
        var window = _windows.GetOrAdd((entry.EventId.Id, what, table), _ => new Window());
        lock (window)
        {
            if (window.Opened is { } opened && time.GetElapsedTime(opened) < Interval)
            {
                window.Suppressed++;
                return false;
            }
            suppressed = window.Suppressed;
            (window.Opened, window.Suppressed) = (time.GetTimestamp(), 0);
            return true;
        }
    }

    sealed class Window
    {
        public long? Opened { get; set; }

        public int Suppressed { get; set; }
    }
}
