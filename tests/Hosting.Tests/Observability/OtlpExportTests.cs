using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

namespace Philotes.Hosting.Tests.Observability;

public sealed class OtlpExportTests
{
    [Test, CancelAfter(60_000)]
    public async Task Measurements_are_sent_to_the_collector_at_the_latest_when_the_process_ends(CancellationToken cancellationToken)
    {
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        var endpoint = new Uri($"http://{collector.LocalEndpoint}");
        var connected = collector.AcceptTcpClientAsync(cancellationToken);
        using var host = PhilotesHost.Build(PhilotesProcess.Cli, new PhilotesOptions { Observability = new ObservabilityOptions { Otlp = endpoint } }, _ => { });
        await host.StartAsync(cancellationToken);
        using var meter = new System.Diagnostics.Metrics.Meter("Philotes.Test");
        meter.CreateCounter<long>("philotes.test").Add(1);
        var stopping = host.StopAsync(cancellationToken);
        using var client = await connected;
        var preface = new byte[3];
        await client.GetStream().ReadExactlyAsync(preface, cancellationToken);
        client.Close();
        await stopping;
        Assert.That(System.Text.Encoding.ASCII.GetString(preface), Is.EqualTo("PRI"), "HTTP/2, as gRPC needs it");
    }
}
