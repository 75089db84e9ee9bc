using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Philotes.Hosting;

/// <summary>One line a message on standard output: JSON for machines, text for a terminal.</summary>
sealed class LineLoggerProvider(TextWriter output, bool text, TimeProvider time) : ILoggerProvider
{
    readonly ConcurrentDictionary<string, LineLogger> _loggers = new(StringComparer.Ordinal);
    readonly LogThrottle _throttle = new(time);
    readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, name => new LineLogger(name, this));

    public void Write(in LogEntry entry)
    {
        if (!_throttle.Lets(entry, out var suppressed))
            return;
        var line = text ? LogLines.Text(entry, time.GetUtcNow(), suppressed) : LogLines.Json(entry, time.GetUtcNow(), suppressed);
        lock (_lock)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    public void Dispose()
    {
    }
}
