using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Philotes.Hosting;

public static class ObservabilityServices
{
    /// <summary>Health and metrics on the process's address, OTLP where it is configured. The catalog and the CLI listen on nothing here.</summary>
    public static IServiceCollection AddObservability(this IServiceCollection services, PhilotesProcess process, ObservabilityOptions options)
    {
        services.AddMetrics();
        services.AddSingleton<ProcessHealth>();
        services.AddHealthChecks()
            .AddCheck<LivenessCheck>("progress", tags: [HealthTags.Live])
            .AddCheck<ReadinessCheck>("ready", tags: [HealthTags.Ready]);
        ListenAddress? listen = process switch
        {
            PhilotesProcess.Capture => options.CaptureListen,
            PhilotesProcess.BatchWriter => options.WriterListen,
            _ => null,
        };
        if (listen is { } address)
        {
            services.AddSingleton(new ObservabilityAddress(process, address));
            services.AddSingleton(_ => new PrometheusCollector(Spelling.Kebab(process.ToString())));
            services.AddHostedService<ObservabilityEndpoint>();
        }
        if (options.Otlp is { } endpoint)
            services.AddHostedService(_ => new OtlpExport(endpoint, Spelling.Kebab(process.ToString())));
        return services;
    }

    public static ILoggingBuilder AddPhilotesLogs(this ILoggingBuilder logging, ObservabilityOptions options)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(Enum.Parse<LogLevel>(options.LogLevel.ToString()));
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Npgsql", LogLevel.Error);
        logging.AddFilter("Quartz", LogLevel.Warning);
        logging.Services.AddSingleton<ILoggerProvider>(services => new LineLoggerProvider(
            Console.Out, AsText(options.LogFormat), services.GetService<TimeProvider>() ?? TimeProvider.System));
        return logging;
    }

    static bool AsText(LogFormat format) => format switch
    {
        LogFormat.Text => true,
        LogFormat.Json => false,
        _ => !Console.IsOutputRedirected,
    };
}
