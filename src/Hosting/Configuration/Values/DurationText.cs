using System.Globalization;

namespace Philotes.Hosting;

/// <summary>A time span as the configuration writes it: a whole number and one unit, <c>200ms</c>, <c>15s</c>, <c>5m</c>, <c>72h</c>, <c>7d</c>.</summary>
public static class DurationText
{
    /// <summary>Longest first, as <see cref="Format"/> prefers them.</summary>
    static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var unit = text[digits..].TrimStart(' ');
        var ticks = Units.FirstOrDefault(candidate => candidate.Unit == unit).Ticks;
        if (ticks == 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        if (count > TimeSpan.MaxValue.Ticks / ticks)
            return false;
        duration = new TimeSpan(count * ticks);
        return true;
    }

    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        var (unit, ticks) = Units.First(candidate => duration.Ticks % candidate.Ticks == 0 || candidate.Unit == "ms");
        return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / ticks}{unit}");
    }
}
