using System.Diagnostics.Metrics;
using System.Text;

namespace Philotes.Hosting;

// The text exposition format 0.0.4 of Prometheus over .NET's meters.
//
//   # HELP philotes_capture_rows_total Rows made durable in the buffer.
//   # TYPE philotes_capture_rows_total counter
//   philotes_capture_rows_total{table="public.orders"} 42
//
// Names: every character outside [a-zA-Z0-9_] becomes an underscore; a unit of seconds, bytes or a ratio is appended unless the name
// has it already; a counter ends in _total. Units in braces, {row}, are notes for people and are dropped.
// Counters and histograms are summed here from the first measurement on. Observable instruments are asked at each scrape and show what
// they say then: a series they no longer report disappears.
// Labels are sorted by name, so that a series has one spelling. An instrument has at most 1,000 series; later ones are counted under
// the table "_other".

/// <summary>Collects the measurements of every meter whose name begins with <c>philotes</c>, and prints them for a scrape.</summary>
sealed class PrometheusCollector : IDisposable
{
    readonly MeterListener _listener = new();
    readonly Lock _lock = new();
    readonly SortedDictionary<string, InstrumentSeries> _series = new(StringComparer.Ordinal);
    readonly string _component;

    public PrometheusCollector(string component)
    {
        _component = component;
        _listener.InstrumentPublished = Published;
        _listener.SetMeasurementEventCallback<byte>((instrument, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<short>((instrument, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((instrument, value, tags, state) => Record(state, (double)value, tags));
        _listener.Start();
    }

    public string Scrape()
    {
        lock (_lock)
        {
            foreach (var series in _series.Values)
                series.BeginScrape();
        }
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        PrometheusText.Header(text, "philotes_build_info", "gauge", "Version and commit of this process; always 1.");
        text.Append("philotes_build_info").Append(PrometheusText.Labels([new("version", ProductVersion.Version), new("commit", ProductVersion.Commit)])).Append(" 1\n");
        PrometheusText.Header(text, "philotes_up", "gauge", "1 while the process answers.");
        text.Append("philotes_up").Append(PrometheusText.Labels([new("component", _component)])).Append(" 1\n");
        lock (_lock)
        {
            foreach (var series in _series.Values)
                series.Print(text);
        }
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    void Published(Instrument instrument, MeterListener listener)
    {
        if (!instrument.Meter.Name.StartsWith("philotes", StringComparison.OrdinalIgnoreCase))
            return;
        var name = PrometheusText.MetricName(instrument);
        lock (_lock)
        {
            if (!_series.TryGetValue(name, out var series))
                _series[name] = series = new InstrumentSeries(name, instrument);
            listener.EnableMeasurementEvents(instrument, series);
        }
    }

    void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
            ((InstrumentSeries)state!).Record(value, tags);
    }
}
