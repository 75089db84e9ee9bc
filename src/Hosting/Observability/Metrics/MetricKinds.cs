using System.Diagnostics.Metrics;

namespace Philotes.Hosting;

/// <summary>The kind of an instrument, by its class: .NET has no property for it.</summary>
static class MetricKinds
{
    public static MetricKind Of(Instrument instrument) => ClassOf(instrument) switch
    {
        "Counter" or "UpDownCounter" => MetricKind.Sum,
        "Histogram" => MetricKind.Histogram,
        _ => MetricKind.LastValue,
    };

    public static string TypeName(Instrument instrument) => ClassOf(instrument) switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        _ => "gauge",
    };

    public static bool IsCounter(Instrument instrument) => TypeName(instrument) == "counter";

    static string ClassOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0];
}
