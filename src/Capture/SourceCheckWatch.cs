using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;

namespace Philotes.Capture;

/// <summary>
/// The source's checks of <c>philotes doctor</c>, once capture streams and every five minutes, as a metric; a check that begins to fail is logged once.
/// A capture that cannot stream for a minute is checked all the same.
/// </summary>
internal sealed class SourceCheckWatch(CaptureSettings settings, CheckMetrics metrics, CaptureRuntime runtime) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private HashSet<string> _failing = [];
    private long _last = runtime.Time.GetTimestamp();
    private bool _checked;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var source = NpgsqlDataSource.Create(settings.SourceConnection());
        using var timer = new PeriodicTimer(Look, runtime.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var elapsed = runtime.Time.GetElapsedTime(_last);
                if (elapsed < Every && (_checked || (elapsed < FirstMax && !runtime.Metrics.IsStreaming)))
                    continue;
                (_last, _checked) = (runtime.Time.GetTimestamp(), true);
                await CheckAsync(source, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop: there is nothing to leave behind.
        }
    }

    private async Task CheckAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            var findings = await SourceChecks.RunAsync(
                source, settings.SlotName, settings.PublicationName, (schema, table) => settings.Matches(new(schema, table)), cancellationToken);
            metrics.Ran(findings);
            foreach (var finding in findings.Where(finding => finding.IsFailure && !_failing.Contains(finding.Id)))
                runtime.Logger.CheckFails(finding.Id, settings.SourceName, finding.What);
            _failing = [.. findings.Where(finding => finding.IsFailure).Select(finding => finding.Id)];
        }
        catch (NpgsqlException away)
        {
            // The stream says what is wrong with the source; here only the checks stop.
            runtime.Logger.SourceNotWatched(away, settings.SourceName);
        }
    }
}
