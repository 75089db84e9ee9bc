using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Philotes.Hosting;

/// <summary>Sends our meters and activities to a collector. A collector that is away costs data there, never work here.</summary>
sealed class OtlpExport(Uri endpoint, string component) : IHostedService, IDisposable
{
    MeterProvider? _meters;
    TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateDefault().AddService($"philotes-{component}", serviceVersion: ProductVersion.Version);
        _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter("philotes*").AddOtlpExporter(Configure).Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource("philotes*").AddOtlpExporter(Configure).Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    void Configure(OtlpExporterOptions options) => options.Endpoint = endpoint;

    public void Dispose()
    {
        _meters?.Dispose();
        _traces?.Dispose();
        (_meters, _traces) = (null, null);
    }
}
