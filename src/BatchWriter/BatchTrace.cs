using System.Diagnostics;
using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.BatchWriter;

/// <summary>
/// One trace a batch, from claim to finish, with its steps as children. While a step runs, calls to catalog and store carry its W3C traceparent, so their
/// own spans hang below it. Nothing is made where nobody listens (<c>observability.otlp</c>).
/// </summary>
internal static class BatchTrace
{
    private static readonly ActivitySource Source = new("Philotes.BatchWriter", Hosting.ProductVersion.Version);

    public static Activity? Batch(ClaimedBatch batch) => Source.StartActivity("batch")
        ?.SetTag("philotes.batch", batch.BatchId).SetTag("philotes.attempt", batch.Attempt).SetTag("philotes.events", batch.RowCount).SetTag("philotes.lsn", batch.LastLsn.ToString());

    /// <param name="name">ensure, encode, commit or finish.</param>
    public static Activity? Step(string name) => Source.StartActivity(name);

    public static void Of(this Activity? batch, TableName table) => batch?.SetTag("philotes.table", table.ToString());

    /// <summary>By its code alone: a reason may hold names of a person's tables, and a trace goes elsewhere.</summary>
    public static void Failed(this Activity? batch, string code) => batch?.SetStatus(ActivityStatusCode.Error, code);
}
