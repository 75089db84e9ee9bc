using System.Diagnostics.Metrics;
using Philotes.Buffer;
using Philotes.Hosting;

namespace Philotes.BatchWriter;

/// <summary>The buffer and its tables as numbers, from the last look at them. Where nothing was looked at yet, there is no number.</summary>
internal sealed class BufferMetrics
{
    private static readonly string[] States = ["active", "paused", "blocked", "resync", "dropped"];

    private readonly PhilotesOptions _options;
    private StatusReport? _report;
    private int _stalled;

    public BufferMetrics(IMeterFactory meters, PhilotesOptions options)
    {
        _options = options;
        var meter = meters.Create("Philotes.BatchWriter");
        OfBuffer(meter, "philotes_buffer_bytes", "Size of the buffer's database.", report => report.DatabaseBytes);
        OfBuffer(meter, "philotes_buffer_limit_bytes", "buffer.max_bytes.", _ => options.Buffer.MaxBytes.Bytes);
        OfBuffer(meter, "philotes_buffer_seconds_to_full", "Time until the limit at this rate; none while it is never reached.", report => ToFull(report)?.TotalSeconds);
        OfBuffer(meter, "philotes_buffer_generations", "Generations that are still there.", report => report.LiveGenerations);
        OfBuffer(meter, "philotes_buffer_oldest_seconds", "Age of the oldest chunk that is still there.", report => report.Activity.Oldest is { } oldest ? (report.At - oldest).TotalSeconds : null);
        OfBuffer(meter, "philotes_commit_unknown_open", "Commits that were sent a minute ago or more and whose outcome is not known.", report => report.Activity.UnknownCommits);
        OfBuffer(meter, "philotes_delivery_stalled", "1 while changes wait and no batch is committed, for longer than writer.stalled_after.", _ => Volatile.Read(ref _stalled));
        OfTables(meter, "philotes_table_pending_events", "Events that the lake lacks.", (table, _) => table.RowsPending);
        OfTables(meter, "philotes_table_pending_bytes", "How far the lake is behind in the source's log.", (table, _) => table.RowsPending == 0 ? 0 : table.BytesBehind);
        OfTables(meter, "philotes_table_freshness_seconds", "Age of the oldest change that the lake lacks; 0 when it lacks none.", (table, report) => Staleness(table, report));
        OfTables(meter, "philotes_dead_letters_open", "Changes that could not be written and wait for a person.", (table, _) => table.ParkedEvents);
        meter.CreateObservableGauge("philotes_table_state", TableStates, description: "1 for the table's state.");
        meter.CreateObservableGauge("philotes_heartbeat_age_seconds", HeartbeatAge, description: "Age of the newest sign of life that has arrived.");
    }

    /// <param name="isStalled">Whether changes wait and none is delivered.</param>
    public void Looked(StatusReport report, bool isStalled)
    {
        Volatile.Write(ref _stalled, isStalled ? 1 : 0);
        Volatile.Write(ref _report, report);
    }

    /// <summary>Time until <c>buffer.max_bytes</c> is reached at this rate; null: never.</summary>
    private TimeSpan? ToFull(StatusReport report) => report.Activity.TimeToFull(
        report.DatabaseBytes, _options.Buffer.MaxBytes.Bytes, _options.Buffer.ReplayWindow, report.At,
        freesSpace: !report.Tables.Any(table => table.State is "blocked" or "paused" && table.RowsPending > 0));

    private static double Staleness(TableStatus table, StatusReport report) =>
        table.OldestPendingAt is { } oldest && oldest < report.At ? (report.At - oldest).TotalSeconds : 0;

    /// <summary>What is in the lake is as old as its stalest table; with none stale, as what the buffer was last told.</summary>
    private IEnumerable<Measurement<double>> HeartbeatAge() => Volatile.Read(ref _report) is not { } report ? [] : report.Sources
        .Where(source => source.DurableAt is not null)
        .Select(source => new Measurement<double>(
            report.Tables.Where(table => table.Source == source.Name && table.State != "dropped").Select(table => Staleness(table, report))
                .Append((report.At - source.DurableAt!.Value).TotalSeconds).Max(),
            new KeyValuePair<string, object?>("source", source.Name), new KeyValuePair<string, object?>("stage", "lake")));

    private IEnumerable<Measurement<int>> TableStates() => Volatile.Read(ref _report) is not { } report ? [] :
        from table in report.Tables
        from state in States
        select new Measurement<int>(
            table.State == state ? 1 : 0, new KeyValuePair<string, object?>("source", table.Source), new KeyValuePair<string, object?>("table", table.Name.ToString()),
            new KeyValuePair<string, object?>("state", state));

    private void OfBuffer(Meter meter, string name, string description, Func<StatusReport, double?> value) => meter.CreateObservableGauge(
        name, () => Volatile.Read(ref _report) is { } report && value(report) is { } number ? new[] { new Measurement<double>(number) } : [], description: description);

    private void OfTables(Meter meter, string name, string description, Func<TableStatus, StatusReport, double> value) => meter.CreateObservableGauge(
        name,
        () => Volatile.Read(ref _report) is not { } report ? [] : report.Tables.Select(table => new Measurement<double>(
            value(table, report), new KeyValuePair<string, object?>("source", table.Source), new KeyValuePair<string, object?>("table", table.Name.ToString()))),
        description: description);
}
