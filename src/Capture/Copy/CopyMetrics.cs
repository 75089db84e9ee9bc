using System.Diagnostics.Metrics;
using Philotes.Buffer;

namespace Philotes.Capture.Copy;

/// <summary>What copying tells of itself. Progress is what the ledger said at the last look.</summary>
internal sealed class CopyMetrics
{
    private readonly Counter<long> _rows;
    private readonly KeyValuePair<string, object?> _source;
    private volatile IReadOnlyList<CopyProgress> _progress = [];

    public CopyMetrics(IMeterFactory meters, string sourceName)
    {
        _source = new("source", sourceName);
        var meter = meters.Create(CaptureMetrics.MeterName);
        _rows = meter.CreateCounter<long>("philotes_snapshot_rows_total", description: "Existing rows copied into the buffer.");
        meter.CreateObservableGauge("philotes_snapshot_progress_ratio", () => _progress.Select(Ratio), description: "How much of a table's initial copy is done, 0 to 1.");
    }

    public void Copied(long rows) => _rows.Add(rows, _source);

    public void Progress(IReadOnlyList<CopyProgress> progress) => _progress = progress;

    private Measurement<double> Ratio(CopyProgress table) =>
        new(table.IsUnfinished ? table.Ratio : 1, _source, new KeyValuePair<string, object?>("table", table.Name.ToString()));
}
