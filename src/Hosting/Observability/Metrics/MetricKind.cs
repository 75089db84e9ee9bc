namespace Philotes.Hosting;

/// <summary>How measurements add up.</summary>
enum MetricKind
{
    Sum,
    LastValue,
    Histogram,
}
