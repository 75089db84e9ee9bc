using Microsoft.Extensions.Logging;
using Philotes.Buffer;

namespace Philotes.Capture.Copy;

/// <summary>While tables are copied: one line every ten seconds, and the metrics.</summary>
internal sealed class CopyProgressReport(string sourceName, CaptureRuntime runtime)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private long _told = runtime.Time.GetTimestamp();
    private long _toldRows;
    private bool _unfinished = true;

    public async Task TellAsync(CopyLedger ledger, CancellationToken cancellationToken)
    {
        var elapsed = runtime.Time.GetElapsedTime(_told);
        if (elapsed < Interval)
        {
            return;
        }

        var tables = (await ledger.ProgressAsync(cancellationToken)).Where(table => table.Source == sourceName).ToList();
        runtime.Copies.Progress(tables);
        var rows = tables.Sum(table => table.Rows);
        if (_unfinished && tables.Count > 0)
        {
            runtime.Logger.CopyProgresses(
                sourceName, tables.Count(table => !table.IsUnfinished), tables.Count, rows, tables.Sum(table => Math.Max(table.RowsExpected ?? 0, table.Rows)),
                (long)((rows - _toldRows) / elapsed.TotalSeconds));
        }

        _unfinished = tables.Any(table => table.IsUnfinished);
        _told = runtime.Time.GetTimestamp();
        _toldRows = rows;
    }
}
