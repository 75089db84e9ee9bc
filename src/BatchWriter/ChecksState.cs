using System.Diagnostics.Metrics;
using Philotes.Buffer;

namespace Philotes.BatchWriter;

/// <summary>What the last runs of the checks said, of buffer and lake together, for the metric and for the next run.</summary>
internal sealed class ChecksState(IMeterFactory meters)
{
    private readonly CheckMetrics _metrics = new(meters.Create("Philotes.BatchWriter"));
    private readonly Dictionary<string, IReadOnlyList<Finding>> _last = new(StringComparer.Ordinal);

    /// <param name="of">What was looked at: its last findings are replaced.</param>
    /// <returns>Those that fail and did not in the run before.</returns>
    public IReadOnlyList<Finding> Ran(string of, IReadOnlyList<Finding> findings)
    {
        lock (_last)
        {
            var before = _last.GetValueOrDefault(of, []).Where(finding => finding.IsFailure).Select(finding => finding.Id).ToHashSet(StringComparer.Ordinal);
            _last[of] = findings;
            _metrics.Ran([.. _last.Values.SelectMany(last => last)]);
            return [.. findings.Where(finding => finding.IsFailure && !before.Contains(finding.Id))];
        }
    }
}
