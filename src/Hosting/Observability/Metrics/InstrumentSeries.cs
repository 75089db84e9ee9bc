using System.Diagnostics.Metrics;
using System.Text;

namespace Philotes.Hosting;

/// <summary>The series of one metric name. Its owner holds the lock.</summary>
sealed class InstrumentSeries(string name, Instrument instrument)
{
    const int SeriesMax = 1000;

    readonly MetricKind _kind = MetricKinds.Of(instrument);
    readonly IReadOnlyList<double> _bounds = HistogramBounds.Of(instrument);
    readonly SortedDictionary<string, double> _values = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, HistogramSeries> _histograms = new(StringComparer.Ordinal);

    /// <summary>Forgets what an observable instrument said last time.</summary>
    public void BeginScrape()
    {
        if (instrument.IsObservable)
            _values.Clear();
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusText.Labels(tags);
        if (!_values.ContainsKey(labels) && !_histograms.ContainsKey(labels) && _values.Count + _histograms.Count >= SeriesMax)
            labels = PrometheusText.LabelsOfOverflow(tags);
        switch (_kind)
        {
            case MetricKind.Histogram:
                if (!_histograms.TryGetValue(labels, out var histogram))
                    _histograms[labels] = histogram = new HistogramSeries(_bounds);
                histogram.Record(value);
                break;
            case MetricKind.LastValue:
                _values[labels] = value;
                break;
            default:
                _values[labels] = _values.GetValueOrDefault(labels) + value;
                break;
        }
    }

    /// <summary>The header is printed without a value too: a rule can then name a metric that has not happened yet.</summary>
    public void Print(StringBuilder text)
    {
        PrometheusText.Header(text, name, MetricKinds.TypeName(instrument), instrument.Description ?? "");
        foreach (var (labels, value) in _values)
            text.Append(name).Append(labels).Append(' ').Append(PrometheusText.Number(value)).Append('\n');
        foreach (var (labels, histogram) in _histograms)
            histogram.Print(text, name, labels);
    }
}
