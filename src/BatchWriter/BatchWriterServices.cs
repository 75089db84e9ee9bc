using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Philotes.DuckDb;
using Philotes.BatchWriter.Orphans;
using Philotes.Hosting;
using Philotes.Shared;
using Quartz;

namespace Philotes.BatchWriter;

public static class BatchWriterServices
{
    /// <summary>The batch writer's jobs, on a scheduler that lives in memory: what is due stands in the buffer, not in the scheduler.</summary>
    public static IServiceCollection AddBatchWriter(this IServiceCollection services, PhilotesOptions options)
    {
        var connection = options.Buffer.Connection
            ?? throw new PhilotesException("PH503", "buffer.connection is not set. Name the buffer's database there.");
        RequireEncoder();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(options);
        services.AddSingleton(_ => new WriterBuffer(NpgsqlDataSource.Create(connection.ToConnectionString("philotes-batch-writer"))));
        services.AddSingleton<WriterMetrics>();
        services.AddSingleton<BufferMetrics>();
        services.AddSingleton<DeliveryWatch>();
        services.AddSingleton<ChecksState>();
        services.AddSingleton<LakeCheckTurn>();
        services.AddSingleton<RetentionTrouble>();
        services.AddHostedService<BufferWatch>();
        services.AddSingleton<Lake>();
        services.AddSingleton<BatchRunner>();
        services.AddSingleton<OrphanSweep>();
        services.AddQuartz(quartz =>
        {
            quartz.ScheduleJob<WriteBatchesJob>(trigger => trigger.StartNow().WithSimpleSchedule(options.Writer.Every, repeatCount: null));
            quartz.ScheduleJob<OrphanJob>(trigger => trigger.StartNow().WithSimpleSchedule(options.Writer.OrphansEvery, repeatCount: null));
            quartz.ScheduleJob<BufferCheckJob>(trigger => trigger.StartNow().WithSimpleSchedule(BufferCheckJob.Every, repeatCount: null));
            quartz.ScheduleJob<LakeCheckJob>(trigger => trigger.StartNow().WithSimpleSchedule(BufferCheckJob.Every, repeatCount: null));
            quartz.ScheduleJob<RetentionJob>(trigger => trigger.StartNow().WithSimpleSchedule(options.Buffer.RetentionEvery, repeatCount: null));
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;
    }

    /// <summary>Without it every batch would fail; a person must act, so the program does not start.</summary>
    private static void RequireEncoder()
    {
        try
        {
            DuckDbDatabase.RequireLibrary();
        }
        catch (Exception missing) when (missing is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new PhilotesException("PH605", $"DuckDB's library, which writes the data files, cannot be used: {missing.Message}");
        }
    }
}
