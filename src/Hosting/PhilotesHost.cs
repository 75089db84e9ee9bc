using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Philotes.Hosting;

/// <summary>Hosts with our logs, health, metrics and shutdown rules.</summary>
public static class PhilotesHost
{
    /// <summary>Longer than any flush, shorter than what orchestrators allow before they kill.</summary>
    static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    public static IHost Build(PhilotesProcess process, PhilotesOptions options, Action<IServiceCollection> addServices)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = ShutdownTimeout;
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
        });
        builder.Logging.AddPhilotesLogs(options.Observability);
        builder.Services.AddObservability(process, options.Observability);
        addServices(builder.Services);
        return builder.Build();
    }

    /// <summary>Runs until stopped. A background service that died decides the exit code.</summary>
    public static async Task<int> RunAsync(IHost host, CancellationToken cancellationToken)
    {
        await host.StartAsync(cancellationToken);
        await host.WaitForShutdownAsync(cancellationToken);
        var failed = host.Services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Select(service => service.ExecuteTask?.Exception?.InnerException)
            .FirstOrDefault(exception => exception is not null);
        if (failed is null)
            return ExitCode.Ok;
        await Console.Error.WriteLineAsync(Failure.Describe(failed));
        return ExitCode.Of(failed);
    }
}
