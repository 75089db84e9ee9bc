using System.Diagnostics.Metrics;
using Philotes.Buffer;

namespace Philotes.BatchWriter;

/// <summary>What the last run of the buffer's checks said, for the metric and for the next run.</summary>
internal sealed class BufferChecksState(IMeterFactory meters)
{
    private readonly CheckMetrics _metrics = new(meters.Create("Philotes.BatchWriter"));
    private HashSet<string> _failing = [];

    /// <returns>Those that fail and did not in the run before.</returns>
    public IReadOnlyList<Finding> Ran(IReadOnlyList<Finding> findings)
    {
        _metrics.Ran(findings);
        var failing = findings.Where(finding => finding.IsFailure).ToList();
        var begun = failing.Where(finding => !_failing.Contains(finding.Id)).ToList();
        _failing = [.. failing.Select(finding => finding.Id)];
        return begun;
    }
}
