using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
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
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(options);
        services.AddSingleton(_ => new WriterBuffer(NpgsqlDataSource.Create(connection.ToConnectionString("philotes-batch-writer"))));
        services.AddSingleton<WriterMetrics>();
        services.AddSingleton<Lake>();
        services.AddSingleton<BatchRunner>();
        services.AddQuartz(quartz =>
        {
            quartz.ScheduleJob<WriteBatchesJob>(trigger => trigger.StartNow().WithSimpleSchedule(options.Writer.Every, repeatCount: null));
            quartz.ScheduleJob<RetentionJob>(trigger => trigger.StartNow().WithSimpleSchedule(options.Buffer.RetentionEvery, repeatCount: null));
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;
    }
}
