using System.Globalization;

namespace Philotes.Benchmarks;

/// <summary>CPU time and peak resident set of processes, as the kernel counts them.</summary>
internal sealed record Usage(double CpuSeconds, long PeakBytes)
{
    private const double TicksPerSecond = 100;

    public static Usage Of(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        var peak = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return new Usage(ticks / TicksPerSecond, long.Parse(peak, CultureInfo.InvariantCulture) * 1024);
    }

    public static Usage operator +(Usage left, Usage right) => new(left.CpuSeconds + right.CpuSeconds, Math.Max(left.PeakBytes, right.PeakBytes));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CpuSeconds:F1} | {PeakBytes / (1024 * 1024)} MiB");
}
