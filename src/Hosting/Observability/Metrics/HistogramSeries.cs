using System.Globalization;
using System.Text;

namespace Philotes.Hosting;

/// <summary>One histogram of one label set; buckets are printed cumulative, as the format wants.</summary>
sealed class HistogramSeries(IReadOnlyList<double> bounds)
{
    readonly long[] _counts = new long[bounds.Count + 1];
    double _sum;

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
            bucket++;
        _counts[bucket]++;
        _sum += value;
    }

    public void Print(StringBuilder text, string name, string labels)
    {
        var open = labels.Length == 0 ? "{" : labels[..^1] + ",";
        var cumulative = 0L;
        for (var i = 0; i <= bounds.Count; i++)
        {
            cumulative += _counts[i];
            var bound = PrometheusText.Number(i < bounds.Count ? bounds[i] : double.PositiveInfinity);
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{open}le=\"{bound}\"}} {cumulative}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{labels} {PrometheusText.Number(_sum)}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_count{labels} {cumulative}\n");
    }
}
