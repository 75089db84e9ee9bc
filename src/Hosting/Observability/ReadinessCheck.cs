using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Philotes.Hosting;

sealed class ReadinessCheck(ProcessHealth health) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(health.Problem is { } problem ? HealthCheckResult.Unhealthy(problem) : HealthCheckResult.Healthy());
}
