using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record ObservabilityOptions
{
    [Description("Where philotes-capture answers /healthz/live, /healthz/ready and /metrics; port 0 takes a free one.")]
    public ListenAddress CaptureListen { get; init; } = new("127.0.0.1", 9464);

    [Description("Where philotes-batch-writer answers the same.")]
    public ListenAddress WriterListen { get; init; } = new("127.0.0.1", 9465);

    [Description("Lowest level that is logged.")]
    public LogVerbosity LogLevel { get; init; } = LogVerbosity.Information;

    [Description("Shape of a log line; auto is text on a terminal and JSON otherwise.")]
    public LogFormat LogFormat { get; init; } = LogFormat.Auto;

    [Description("Endpoint of an OpenTelemetry collector (OTLP over gRPC); nothing is sent if not set.")]
    public Uri? Otlp { get; init; }
}
