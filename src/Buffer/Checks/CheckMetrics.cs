using System.Diagnostics.Metrics;

namespace Philotes.Buffer;

/// <summary>The newest run of a process's background checks as <c>philotes_doctor_checks{id, result}</c>: how many findings there are of each.</summary>
public sealed class CheckMetrics
{
    private static readonly string[] Results = ["ok", "info", "warn", "fail", "skip"];

    private IReadOnlyList<Finding> _findings = [];

    public CheckMetrics(Meter meter) =>
        meter.CreateObservableGauge("philotes_doctor_checks", Counts, description: "Findings of the checks that run beside the work, by check and result.");

    public void Ran(IReadOnlyList<Finding> findings) => Volatile.Write(ref _findings, findings);

    private IEnumerable<Measurement<int>> Counts() =>
        from check in Volatile.Read(ref _findings).GroupBy(finding => finding.Id)
        from result in Results
        select new Measurement<int>(
            check.Count(finding => finding.Result == result), new KeyValuePair<string, object?>("id", check.Key), new KeyValuePair<string, object?>("result", result));
}
