using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Philotes.Iceberg;

/// <summary>What is asked of catalogs and stores, how it is answered, and how long it takes. The status is HTTP's, or <c>none</c> without an answer; for local files ok or failed.</summary>
internal static class RequestMetrics
{
    private static readonly Meter Meter = new("Philotes.Iceberg");
    private static readonly Counter<long> CatalogRequests = Meter.CreateCounter<long>("philotes_catalog_requests_total", description: "Requests to the catalog, by operation and status.");
    private static readonly Histogram<double> CatalogSeconds = Meter.CreateHistogram<double>("philotes_catalog_requests_seconds", description: "Time of a request to the catalog.");
    private static readonly Counter<long> StoreRequests = Meter.CreateCounter<long>("philotes_store_requests_total", description: "Requests to the object store, by operation and status.");
    private static readonly Histogram<double> StoreSeconds = Meter.CreateHistogram<double>("philotes_store_requests_seconds", description: "Time of a request to the object store.");

    /// <param name="operation">A verb: load, commit, create, …</param>
    /// <param name="status">Null: no answer that can be read.</param>
    public static void Catalog(string operation, int? status, long started) => Add(CatalogRequests, CatalogSeconds, operation, Text(status), started);

    /// <param name="operation">put, get, head, delete or list.</param>
    public static void Store(string operation, int? status, long started) => Add(StoreRequests, StoreSeconds, operation, Text(status), started);

    public static void LocalStore(string operation, bool isDone, long started) => Add(StoreRequests, StoreSeconds, operation, isDone ? "ok" : "failed", started);

    private static void Add(Counter<long> requests, Histogram<double> seconds, string operation, string status, long started)
    {
        var op = new KeyValuePair<string, object?>("op", operation);
        requests.Add(1, op, new KeyValuePair<string, object?>("status", status));
        seconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, op);
    }

    private static string Text(int? status) => status?.ToString(CultureInfo.InvariantCulture) ?? "none";
}
