using Microsoft.Extensions.Logging;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.BatchWriter;

/// <summary>
/// Finds a writer that runs and delivers nothing, whatever the reason: changes of an active table wait for longer than <c>writer.stalled_after</c>, and
/// for as long no batch has been committed by anybody. Then the process is not ready (PH508), and is again when a batch is.
/// </summary>
internal sealed class DeliveryWatch(PhilotesOptions options, ProcessHealth health, ILogger<DeliveryWatch> logger)
{
    private (long Rows, DateTimeOffset At)? _moved;

    /// <summary>Whether that is so now.</summary>
    public bool IsStalled { get; private set; }

    public void Looked(StatusReport report)
    {
        // Copied rows wait on purpose until they fill a file.
        var waiting = report.Tables.Where(table => table is { State: "active", IsHeld: false, OldestPendingAt: not null }).MinBy(table => table.OldestPendingAt);
        var rows = report.Tables.Sum(table => table.RowsOut);
        if (waiting is null || _moved?.Rows != rows)
            _moved = (rows, report.At);
        var (oldest, still) = (report.At - (waiting?.OldestPendingAt ?? report.At), report.At - _moved!.Value.At);
        var isStalled = oldest > options.Writer.StalledAfter && still > options.Writer.StalledAfter;
        if (isStalled && !IsStalled)
            logger.Stalled(waiting!.Name, oldest, still);
        else if (!isStalled && IsStalled)
            logger.Delivers();
        IsStalled = isStalled;
        if (isStalled)
            health.NotReady($"PH508: nothing has reached the lake for {still:g} although changes of {waiting!.Name} wait");
    }
}
