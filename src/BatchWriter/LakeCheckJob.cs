using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.BatchWriter.Operations;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg;
using Philotes.Shared;
using Quartz;

namespace Philotes.BatchWriter;

/// <summary>
/// The catalog's and the store's checks of <c>philotes doctor</c> that write nothing (DR30, DR40 to DR42), at the start and on a schedule, as a metric; a check
/// that begins to fail is logged once. A lake that is away is a finding: nothing else may be known of it while nobody changes a row.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class LakeCheckJob(ChecksState state, LakeCheckTurn turn, PhilotesOptions options, WriterMetrics metrics, ILogger<LakeCheckJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var (started, isDone) = (Stopwatch.GetTimestamp(), false);
        try
        {
            foreach (var finding in state.Ran("lake", await LookAsync(cancellationToken)))
                logger.CheckFails(finding.Id, finding.Area, finding.What);
            isDone = true;
        }
        catch (NpgsqlException away)
        {
            logger.ChecksFailed(away, BufferCheckJob.Every);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A stop: there is nothing to leave behind.
        }
        finally
        {
            metrics.Job("lake-checks", Stopwatch.GetElapsedTime(started), isDone || cancellationToken.IsCancellationRequested);
        }
    }

    private async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (probe, last) = await LakeProbe.WatchAsync(options, turn.Last, cancellationToken);
            turn.Last = last;
            return [.. probe.Findings.Select(found => new Finding(found.Id, found.Area, found.Result, found.What, found.Remedy, found.Why))];
        }
        catch (Exception away) when (away is HttpRequestException or PhilotesException or IcebergException)
        {
            return [new Finding("DR40", "catalog", "fail", $"the catalog cannot be used: {away.Message}", "check the address, the credentials and the network of the catalog", "Nothing can be committed.")];
        }
    }
}
