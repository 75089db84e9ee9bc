using System.Diagnostics.Metrics;

namespace Philotes.Hosting;

/// <summary>Upper bounds of a histogram's buckets: the instrument's own advice, else by the unit that its name ends in.</summary>
static class HistogramBounds
{
    static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
    static readonly double[] Bytes = [1 << 10, 1 << 14, 1 << 17, 1 << 20, 1 << 22, 1 << 24, 1 << 26, 1 << 28, 1 << 30];
    static readonly double[] Counts = [1, 10, 100, 1_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 10_000_000];

    public static IReadOnlyList<double> Of(Instrument instrument) => Advised(instrument) ?? PrometheusText.MetricName(instrument) switch
    {
        var name when name.EndsWith("_seconds", StringComparison.Ordinal) => Seconds,
        var name when name.EndsWith("_bytes", StringComparison.Ordinal) => Bytes,
        _ => Counts,
    };

    static IReadOnlyList<double>? Advised(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
        Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
        Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
        _ => null,
    };
}
