using System.Diagnostics.Metrics;

namespace Philotes.Hosting.Tests.Observability;

[NonParallelizable]
public sealed class PrometheusCollectorTests
{
    [Test]
    public void Instruments_become_names_units_and_types_of_the_text_format()
    {
        using var collector = new PrometheusCollector("capture");
        using var meter = new Meter("Philotes.Test");
        meter.CreateCounter<long>("philotes.capture.rows", "{row}", "Rows made durable.").Add(42, new("table", "public.\"a\\b\"\nc"), new("op", "insert"));
        meter.CreateHistogram("philotes.capture.flush", "s", "A flush.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] }).Record(0.75);
        meter.CreateObservableGauge("philotes.slot.retained", () => 7.5, "By", "Bytes that\nthe slot keeps.");
        var text = collector.Scrape();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Contain("# HELP philotes_capture_rows_total Rows made durable.\n# TYPE philotes_capture_rows_total counter\n"));
            Assert.That(text, Does.Contain("philotes_capture_rows_total{op=\"insert\",table=\"public.\\\"a\\\\b\\\"\\nc\"} 42\n"));
            Assert.That(text, Does.Contain("# TYPE philotes_capture_flush_seconds histogram\n"));
            Assert.That(text, Does.Contain("philotes_capture_flush_seconds_bucket{le=\"0.5\"} 0\nphilotes_capture_flush_seconds_bucket{le=\"1\"} 1\n"
                + "philotes_capture_flush_seconds_bucket{le=\"+Inf\"} 1\nphilotes_capture_flush_seconds_sum 0.75\nphilotes_capture_flush_seconds_count 1\n"));
            Assert.That(text, Does.Contain("# HELP philotes_slot_retained_bytes Bytes that\\nthe slot keeps.\n# TYPE philotes_slot_retained_bytes gauge\nphilotes_slot_retained_bytes 7.5\n"));
            Assert.That(text, Does.Contain("philotes_up{component=\"capture\"} 1\n").And.Match("philotes_build_info\\{commit=\".+\",version=\".+\"\\} 1\n"));
        }
    }

    [Test]
    public void Every_line_is_a_comment_or_a_sample()
    {
        using var collector = new PrometheusCollector("capture");
        using var meter = new Meter("philotes.test");
        meter.CreateUpDownCounter<int>("philotes.in-flight").Add(-3, new KeyValuePair<string, object?>("weird key", null));
        var lines = collector.Scrape().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.All.Match(@"^(# (HELP|TYPE) [a-z_]+ .*|[a-zA-Z_][a-zA-Z0-9_]*(\{([a-zA-Z_]+=""[^""]*"",?)+\})? (-?[0-9.E+-]+|NaN|[+-]Inf))$"));
    }

    [Test]
    public void What_an_observable_instrument_no_longer_reports_disappears()
    {
        List<Measurement<long>> says = [new(1, new KeyValuePair<string, object?>("table", "a"))];
        using var collector = new PrometheusCollector("capture");
        using var meter = new Meter("philotes.test");
        meter.CreateObservableGauge("philotes.pending", () => says);
        Assert.That(collector.Scrape(), Does.Contain("philotes_pending{table=\"a\"} 1"));
        says.Clear();
        Assert.That(collector.Scrape(), Does.Not.Contain("philotes_pending{").And.Contain("# TYPE philotes_pending gauge"));
    }

    [Test]
    public void Tables_beyond_the_limit_are_counted_together()
    {
        using var collector = new PrometheusCollector("capture");
        using var meter = new Meter("philotes.test");
        var counter = meter.CreateCounter<long>("philotes.many");
        for (var i = 0; i < 1010; i++)
            counter.Add(1, new KeyValuePair<string, object?>("table", i));
        Assert.That(collector.Scrape(), Does.Contain("philotes_many_total{table=\"_other\"} 10\n"));
    }
}
