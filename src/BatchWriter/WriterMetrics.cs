using System.Diagnostics.Metrics;

namespace Philotes.BatchWriter;

/// <summary>The batch writer's numbers.</summary>
internal sealed class WriterMetrics
{
    private readonly Counter<long> _claims;
    private readonly Counter<long> _committed;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _replaced;
    private readonly Counter<long> _conflicts;
    private readonly Counter<long> _unknown;
    private readonly Counter<long> _files;
    private readonly Counter<long> _storeBytes;
    private readonly Counter<long> _schemaChanges;
    private readonly Counter<long> _fenced;
    private readonly Histogram<double> _seconds;
    private readonly Histogram<long> _rows;
    private readonly UpDownCounter<long> _inFlight;
    private readonly Counter<long> _leases;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _jobSeconds;
    private readonly Counter<long> _jobFailures;
    private (long Batches, long Rows, long Parked) _sums;

    public WriterMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Philotes.BatchWriter");
        _claims = meter.CreateCounter<long>("philotes.batch.claims", null, "Looks for a due batch, by result.");
        _committed = meter.CreateCounter<long>("philotes.events.committed", null, "Events in committed snapshots.");
        _parked = meter.CreateCounter<long>("philotes.events.parked", null, "Events that no file could hold, by code.");
        _replaced = meter.CreateCounter<long>("philotes.values.replaced", null, "Values that a column of the lake cannot hold: NULL there, and recorded.");
        _conflicts = meter.CreateCounter<long>("philotes.catalog.conflicts", null, "Commits that another commit came before.");
        _unknown = meter.CreateCounter<long>("philotes.commit.unknown", null, "Commits without a trustworthy answer.");
        _files = meter.CreateCounter<long>("philotes.files.written", null, "Data files uploaded.");
        _storeBytes = meter.CreateCounter<long>("philotes.store.bytes", null, "Bytes moved to and from the object store.");
        _schemaChanges = meter.CreateCounter<long>("philotes.schema.changes", null, "Changes of lake schemas.");
        _fenced = meter.CreateCounter<long>("philotes.fenced", null, "Work given up because another process has taken it over.");
        _seconds = meter.CreateHistogram<double>("philotes.batch.seconds", null, "Time of a batch, by phase.");
        _rows = meter.CreateHistogram<long>("philotes.batch.rows", null, "Events of a batch.");
        _leases = meter.CreateCounter<long>("philotes.leases.expired", null, "Claims that another writer took because they had ended.");
        _failures = meter.CreateCounter<long>("philotes.batch.failures", null, "Batches that failed, by code.");
        _jobSeconds = meter.CreateHistogram<double>("philotes_jobs_seconds", null, "Time of a round of a job.");
        _jobFailures = meter.CreateCounter<long>("philotes_jobs_failed_total", null, "Rounds of a job that failed.");
        _inFlight = meter.CreateUpDownCounter<long>("philotes.batches.in_flight", null, "Batches being written.");
    }

    public void Claimed(bool found)
    {
        _claims.Add(1, new KeyValuePair<string, object?>("result", found ? "batch" : "none"));
        if (found)
            _inFlight.Add(1);
    }

    public void Left() => _inFlight.Add(-1);

    public void Committed(long rows, long parked)
    {
        _committed.Add(rows);
        _rows.Record(rows + parked);
        Interlocked.Increment(ref _sums.Batches);
        Interlocked.Add(ref _sums.Rows, rows);
        Interlocked.Add(ref _sums.Parked, parked);
    }

    /// <summary>What was committed since the last time that somebody asked.</summary>
    public (long Batches, long Rows, long Parked) TakeSums() =>
        (Interlocked.Exchange(ref _sums.Batches, 0), Interlocked.Exchange(ref _sums.Rows, 0), Interlocked.Exchange(ref _sums.Parked, 0));

    /// <param name="job">write, retention, orphans or checks.</param>
    public void Job(string job, TimeSpan elapsed, bool isDone)
    {
        var name = new KeyValuePair<string, object?>("job", job);
        _jobSeconds.Record(elapsed.TotalSeconds, name);
        _jobFailures.Add(isDone ? 0 : 1, name);
    }

    public void Parked(int events, string code) => _parked.Add(events, new KeyValuePair<string, object?>("code", code));

    public void Replaced(long values) => _replaced.Add(values);

    public void Conflict() => _conflicts.Add(1);

    public void Unknown() => _unknown.Add(1);

    public void Uploaded(long bytes)
    {
        _files.Add(1);
        _storeBytes.Add(bytes, new KeyValuePair<string, object?>("dir", "up"));
    }

    public void SchemaChanged() => _schemaChanges.Add(1);

    public void LeaseExpired() => _leases.Add(1);

    public void Failed(string code) => _failures.Add(1, new KeyValuePair<string, object?>("code", code));

    public void Fenced(string what) => _fenced.Add(1, new KeyValuePair<string, object?>("what", what));

    public void Phase(string phase, TimeSpan elapsed) => _seconds.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("phase", phase));
}
