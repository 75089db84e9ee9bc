using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Philotes.Buffer;
using Philotes.Capture.Copy;
using Philotes.Shared;

namespace Philotes.Capture.Tests.Copy;

internal sealed class CopyMetricsTests
{
    [Test]
    public void The_figures_of_snapshot_status_are_metrics_of_each_table()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var copies = new CopyMetrics(meters, "shop");
        var seen = new SortedDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, self) => Listen(instrument, self, meters) };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen[Name(instrument, tags)] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen[Name(instrument, tags)] = value);
        listener.Start();
        copies.Copied(5);
        copies.Progress([new CopyProgress(1, "shop", new TableName("public", "t"), 1, "copying", Paused: false, RowsExpected: 20, Rows: 5, BytesExpected: 400, Bytes: 100, Ranges: 4, RangesDone: 1, null, null, null, null)]);
        listener.RecordObservableInstruments();

        Assert.That(seen, Is.EqualTo(new Dictionary<string, double>
        {
            ["philotes_snapshot_bytes shop public.t"] = 100,
            ["philotes_snapshot_bytes_expected shop public.t"] = 400,
            ["philotes_snapshot_parts shop public.t"] = 4,
            ["philotes_snapshot_parts_done shop public.t"] = 1,
            ["philotes_snapshot_progress_ratio shop public.t"] = 0.25,
            ["philotes_snapshot_rows_expected shop public.t"] = 20,
            ["philotes_snapshot_rows_total shop"] = 5,
        }));
    }

    private static void Listen(Instrument instrument, MeterListener listener, IMeterFactory meters)
    {
        if (ReferenceEquals(instrument.Meter.Scope, meters))
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static string Name(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.ToArray().Select(tag => tag.Value).Prepend(instrument.Name));
}
