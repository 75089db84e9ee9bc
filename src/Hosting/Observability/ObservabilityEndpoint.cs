using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Philotes.Shared;

namespace Philotes.Hosting;

/// <summary>Answers <c>/healthz/live</c>, <c>/healthz/ready</c> and <c>/metrics</c> on an address of its own.</summary>
sealed class ObservabilityEndpoint(
    ObservabilityAddress address, PrometheusCollector metrics, HealthCheckService health, ILogger<ObservabilityEndpoint> logger) : IHostedService
{
    WebApplication? _server;

    /// <summary>Where it listens, once started; of use when the configured port is 0.</summary>
    public string? BoundAddress { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Listen(address.Listen.EndPoint);
        });
        builder.Services.AddRoutingCore();
        var server = builder.Build();
        server.UseRouting();
        server.MapGet("/healthz/live", context => AnswerAsync(context, HealthTags.Live));
        server.MapGet("/healthz/ready", context => AnswerAsync(context, HealthTags.Ready));
        server.MapGet("/metrics", ScrapeAsync);
        _server = server;
        await ListenAsync(server, cancellationToken);
        BoundAddress = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        logger.ObservabilityListens(BoundAddress);
    }

    async Task ListenAsync(WebApplication server, CancellationToken cancellationToken)
    {
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            var key = address.Process == PhilotesProcess.Capture ? "capture_listen" : "writer_listen";
            throw new PhilotesException("PH602",
                $"Cannot listen on {address.Listen} for health and metrics; is a second copy running? Another address: observability.{key}.", exception);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is null)
            return;
        await _server.StopAsync(cancellationToken);
        await _server.DisposeAsync();
    }

    Task ScrapeAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(metrics.Scrape(), context.RequestAborted);
    }

    async Task AnswerAsync(HttpContext context, string tag)
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains(tag), context.RequestAborted);
        context.Response.StatusCode = report.Status == HealthStatus.Healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await context.Response.WriteAsJsonAsync(
            new HealthAnswer(
                Spelling.Kebab(report.Status.ToString()),
                report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Description ?? Spelling.Kebab(entry.Value.Status.ToString()))),
            HealthJson.Default.HealthAnswer,
            contentType: "application/json",
            context.RequestAborted);
    }
}
