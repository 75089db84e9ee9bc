using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;
using Philotes.Capture.Copy;
using Philotes.Hosting;

namespace Philotes.Capture;

public static class CaptureServices
{
    private const string ApplicationName = "philotes-capture";

    /// <summary>Adds the capture of the configured source as a hosted service.</summary>
    public static IServiceCollection AddCapture(this IServiceCollection services, PhilotesOptions options)
    {
        var settings = Settings(options);
        var buffer = options.Buffer.Connection ?? throw Missing("buffer.connection");
        services.AddMetrics();
        services.AddSingleton(provider => new CaptureRuntime(
            provider.GetRequiredService<TimeProvider>(),
            new CaptureMetrics(provider.GetRequiredService<IMeterFactory>(), settings.SourceName, provider.GetRequiredService<TimeProvider>()),
            new CopyMetrics(provider.GetRequiredService<IMeterFactory>(), settings.SourceName),
            provider.GetRequiredService<ProcessHealth>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Philotes.Capture")));
        services.AddSingleton<IHostedService>(provider => new SourceWatch(settings, provider.GetRequiredService<CaptureRuntime>()));
        services.AddSingleton<IHostedService>(provider => new SourceCheckWatch(
            settings, new CheckMetrics(provider.GetRequiredService<IMeterFactory>().Create(CaptureMetrics.MeterName)), provider.GetRequiredService<CaptureRuntime>()));
        services.AddSingleton<IHostedService>(provider => new MinuteSummary(settings, provider.GetRequiredService<CaptureRuntime>()));
        return services.AddSingleton<IHostedService>(provider => new CaptureWorker(
            settings,
            NpgsqlDataSource.Create(buffer.ToConnectionString(ApplicationName)),
            provider.GetRequiredService<CaptureRuntime>(),
            provider.GetRequiredService<IHostApplicationLifetime>()));
    }

    private static CaptureSettings Settings(PhilotesOptions options)
    {
        var source = options.Source.Connection ?? throw Missing("source.connection");
        return new CaptureSettings
        {
            SourceName = options.Source.Name,
            SourceConnection = () => source.ToConnectionString(ApplicationName),
            SlotName = options.Source.Slot,
            PublicationName = options.Source.Publication.Name,
            ManagedPublication = options.Source.Publication.Managed,
            Matches = table => options.For(table.Schema, table.Table) is not null,
            Columns = table => options.For(table.Schema, table.Table)?.Columns ?? new Dictionary<string, ColumnRule>(),
            FlushDelay = options.Source.Flush.Delay,
            FlushBytes = options.Source.Flush.MaxBytes.Bytes,
            FlushRows = options.Source.Flush.MaxRows,
            AcknowledgeDelay = options.Buffer.AckDelay,
            HeartbeatEvery = options.Source.Heartbeat.EmitMessage ? options.Source.Heartbeat.Every : Timeout.InfiniteTimeSpan,
            BufferBytesMax = options.Buffer.MaxBytes.Bytes,
            Copy = new CopySettings
            {
                Wanted = table => options.For(table.Schema, table.Table)?.Copy == InitialCopy.Initial,
                Standby = options.Source.Copy.Connection is { } standby ? () => standby.ToConnectionString(ApplicationName) : null,
                Connections = options.Source.Copy.Connections,
                ChunkBytes = options.Source.Copy.ChunkBytes.Bytes,
                BytesPerSecondMax = options.Source.Copy.MaxBytesPerSecond?.Bytes,
                BufferBytes = options.Source.Copy.BufferBytes.Bytes,
                FileBytes = options.Lake.TargetFileSize.Bytes,
            },
        };
    }

    private static Shared.PhilotesException Missing(string key) => new("PH601", $"{key} is not set; capture cannot start without it.");
}
