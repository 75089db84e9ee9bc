using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Philotes.Hosting.Tests.Observability;

public sealed class ObservabilityEndpointTests
{
    static readonly PhilotesOptions Options = new()
    {
        Observability = new ObservabilityOptions { CaptureListen = new ListenAddress("127.0.0.1", 0), LogLevel = LogVerbosity.Error },
    };

    [Test, CancelAfter(30_000)]
    public async Task Live_ready_and_metrics_are_answered_on_loopback(CancellationToken cancellationToken)
    {
        using var host = PhilotesHost.Build(PhilotesProcess.Capture, Options, _ => { });
        await host.StartAsync(cancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(AddressOf(host)) };
        var live = await client.GetAsync(new Uri("/healthz/live", UriKind.Relative), cancellationToken);
        var starting = await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative), cancellationToken);
        host.Services.GetRequiredService<ProcessHealth>().Ready();
        var ready = await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative), cancellationToken);
        host.Services.GetRequiredService<ProcessHealth>().NotReady("slot is busy");
        var blocked = await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative), cancellationToken);
        var metrics = await client.GetAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        using var said = JsonDocument.Parse(await blocked.Content.ReadAsStringAsync(cancellationToken));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new[] { live.StatusCode, starting.StatusCode, ready.StatusCode, blocked.StatusCode },
                Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable }));
            Assert.That(said.RootElement.GetProperty("checks").GetProperty("ready").GetString(), Is.EqualTo("slot is busy"));
            Assert.That(metrics.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
            Assert.That(await metrics.Content.ReadAsStringAsync(cancellationToken), Does.Contain("philotes_up{component=\"capture\"} 1"));
        }
        await host.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(30_000)]
    public async Task An_address_in_use_is_refused_with_a_sentence(CancellationToken cancellationToken)
    {
        using var first = PhilotesHost.Build(PhilotesProcess.Capture, Options, _ => { });
        await first.StartAsync(cancellationToken);
        var taken = new ListenAddress("127.0.0.1", new Uri(AddressOf(first)).Port);
        using var second = PhilotesHost.Build(PhilotesProcess.Capture, new PhilotesOptions { Observability = new ObservabilityOptions { CaptureListen = taken } }, _ => { });
        Assert.That(async () => await second.StartAsync(cancellationToken), Throws.Exception.With.Message.Contains("Cannot listen on"));
        await first.StopAsync(cancellationToken);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_background_service_that_dies_ends_the_process_with_its_code(CancellationToken cancellationToken)
    {
        using var host = PhilotesHost.Build(PhilotesProcess.Cli, Options, services => services.AddHostedService<DyingService>());
        Assert.That(await PhilotesHost.RunAsync(host, cancellationToken), Is.EqualTo(ExitCode.Refused));
    }

    static string AddressOf(IHost host) => host.Services.GetServices<IHostedService>().OfType<ObservabilityEndpoint>().Single().BoundAddress!;

    sealed class DyingService : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new Shared.PhilotesException("PH001", "Another capture has taken over.");
        }
    }
}
