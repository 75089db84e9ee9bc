using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Philotes.Hosting;

sealed class LivenessCheck(ProcessHealth health) : IHealthCheck
{
    static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(2);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var since = health.SinceProgress;
        var text = string.Create(CultureInfo.InvariantCulture, $"last turn {since.TotalSeconds:F1} s ago");
        return Task.FromResult(health.Turns && since > StuckAfter ? HealthCheckResult.Unhealthy(text) : HealthCheckResult.Healthy(text));
    }
}
