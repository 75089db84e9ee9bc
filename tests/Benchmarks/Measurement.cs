using System.Globalization;

namespace Philotes.Benchmarks;

/// <summary>One line of docs/performance.md.</summary>
internal sealed record Measurement(string Name, long Rows, TimeSpan Elapsed, string LimitName, double LimitRowsPerSecond, Usage Usage)
{
    public const string Header = """
        | benchmark | rows | seconds | rows/s | limit of this run | limit rows/s | ratio | CPU seconds | peak RSS |
        |---|---|---|---|---|---|---|---|---|
        """;

    public double RowsPerSecond => Rows / Elapsed.TotalSeconds;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"| {Name} | {Rows:N0} | {Elapsed.TotalSeconds:F2} | {RowsPerSecond:N0} | {LimitName} | {LimitRowsPerSecond:N0} | {RowsPerSecond / LimitRowsPerSecond:F2} | {Usage} |");
}
