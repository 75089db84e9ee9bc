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
        CreateTableGauge("philotes_snapshot_bytes", table => table.Bytes, "Bytes of a table that are copied, TOAST included.");
        CreateTableGauge("philotes_snapshot_bytes_expected", table => table.BytesExpected, "Bytes of a table when its copy began.");
        CreateTableGauge("philotes_snapshot_rows_expected", table => table.RowsExpected ?? 0, "Rows of a table as the source estimated them when its copy began.");
        CreateTableGauge("philotes_snapshot_parts", table => table.Ranges, "Parts that a table is copied in.");
        CreateTableGauge("philotes_snapshot_parts_done", table => table.RangesDone, "Parts of a table that are copied.");

        void CreateTableGauge(string name, Func<CopyProgress, long> value, string description) => meter.CreateObservableGauge(
            name, () => _progress.Select(table => new Measurement<long>(value(table), _source, Tag(table))), description: description);
    }

    public void Copied(long rows) => _rows.Add(rows, _source);

    public void Progress(IReadOnlyList<CopyProgress> progress) => _progress = progress;

    private Measurement<double> Ratio(CopyProgress table) =>
        new(table.IsUnfinished ? table.Ratio : 1, _source, Tag(table));

    private static KeyValuePair<string, object?> Tag(CopyProgress table) => new("table", table.Name.ToString());
}
