using Microsoft.Extensions.Hosting;
using Npgsql;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.Capture;

/// <summary>
/// The outer loop: run, and on failure decide. What time can heal is tried again with growing, jittered waits and a new epoch; what a person
/// must decide stops the process with exit code 6 and stands in the source's row. Never a loop that is dead and looks alive.
/// </summary>
internal sealed class CaptureWorker(
    CaptureSettings settings, NpgsqlDataSource bufferDatabase, CaptureRuntime runtime, IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly TimeSpan HealthyRun = TimeSpan.FromMinutes(1);

    private long? _refusedSince;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunUntilStoppedAsync(stoppingToken);
        }
        finally
        {
            runtime.Metrics.State("stopped");
            lifetime.StopApplication();
        }
    }

    private async Task RunUntilStoppedAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var started = runtime.Time.GetTimestamp();
            try
            {
                await new SchemaMigrator(bufferDatabase).RequireCurrentAsync(stopping);
                await new CaptureSession(settings, bufferDatabase, runtime).RunAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                var wasHealthy = runtime.Time.GetElapsedTime(started) > HealthyRun;
                failures = wasHealthy ? 1 : failures + 1;
                _refusedSince = wasHealthy ? null : _refusedSince;
                if (!await RecoverAsync(e, failures, stopping))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Waits for the next attempt. False: there is none.</summary>
    private async Task<bool> RecoverAsync(Exception exception, int failures, CancellationToken stopping)
    {
        var failure = Judge(CaptureFailure.Of(exception));
        runtime.Metrics.Reconnected(failure.Code);
        if (failure.Stops)
        {
            runtime.Metrics.State("blocked");
            runtime.Logger.Blocked(failure.Code, settings.SourceName, failure.Reason);
            await WriteStateAsync(failure);
            Environment.ExitCode = ExitCode.Blocked;
            return false;
        }

        runtime.Health.NotReady($"{failure.Code}: {failure.Reason}");
        var delay = Backoff.Delay(failures, settings.RetryDelayMin, settings.RetryDelayMax, Random.Shared.NextDouble());
        runtime.Metrics.State("waiting");
        runtime.Logger.StartsOver(exception, failure.Code, settings.SourceName, delay, failure.Reason);
        await Task.Delay(delay, runtime.Time, stopping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return true;
    }

    /// <summary>A refused login may be a secret that is just being changed; one that stays refused is wrong.</summary>
    private CaptureFailure Judge(CaptureFailure failure)
    {
        _refusedSince = failure.Code == "PH122" ? _refusedSince ?? runtime.Time.GetTimestamp() : null;
        return _refusedSince is { } since && runtime.Time.GetElapsedTime(since) >= settings.LoginPatience ? failure with { Stops = true } : failure;
    }

    private async Task WriteStateAsync(CaptureFailure failure)
    {
        try
        {
            using var deadline = new CancellationTokenSource(settings.ShutdownDeadline, runtime.Time);
            var registry = new SourceRegistry(bufferDatabase);
            var source = await registry.EnsureAsync(settings.SourceName, settings.SlotName, settings.PublicationName, deadline.Token);
            await registry.SetStateAsync(source.SourceId, "blocked", $"{failure.Code}: {failure.Reason}", deadline.Token);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            runtime.Logger.StateNotWritten(e, settings.SourceName);
        }
    }
}
