using System.Diagnostics.Metrics;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture;

/// <summary>What a capture tells of itself. One instance per source; positions are gauges, so that a gap is a subtraction.</summary>
internal sealed class CaptureMetrics
{
    public const string MeterName = "Philotes.Capture";

    private static readonly DateTimeOffset PostgresEpoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly KeyValuePair<string, object?> _source;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _transactions;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _feedbackFailures;
    private readonly Histogram<double> _flushSeconds;
    private readonly Histogram<long> _flushRows;
    private readonly Histogram<double> _commitToDurable;
    private readonly TimeProvider _time;
    private long _received;
    private long _durable;
    private long _acknowledged;
    private long _openTransactionBytes;
    private long _heartbeat;
    private int _waiting;
    private string _state = "starting";
    private int _bufferFull;
    private SlotSample? _slot;
    private (long Flushes, long Rows, long Transactions, long Bytes) _sums;

    public CaptureMetrics(IMeterFactory meters, string sourceName, TimeProvider time)
    {
        _time = time;
        _source = new("source", sourceName);
        var meter = meters.Create(MeterName);
        _rows = meter.CreateCounter<long>("philotes_capture_events_total", description: "Row changes made durable in the buffer.");
        _bytes = meter.CreateCounter<long>("philotes_capture_bytes_total", description: "Bytes of row changes made durable in the buffer.");
        _transactions = meter.CreateCounter<long>("philotes_capture_transactions_total", description: "Source transactions made durable in the buffer.");
        _reconnects = meter.CreateCounter<long>("philotes_reconnects_total", description: "Times that capture started over, by reason.");
        _fenced = meter.CreateCounter<long>("philotes_fenced_total", description: "Times that another capture had taken over.");
        _feedbackFailures = meter.CreateCounter<long>("philotes_feedback_failures_total", description: "Positions that could not be told to the slot at once.");
        _flushSeconds = meter.CreateHistogram<double>("philotes_capture_flush_seconds", description: "COPY and directory commit of one flush.");
        _flushRows = meter.CreateHistogram<long>("philotes_capture_flush_rows", description: "Row changes of one flush.");
        _commitToDurable = meter.CreateHistogram<double>("philotes_capture_commit_to_durable_seconds", description: "From the commit at the source to the commit in the buffer.");
        meter.CreateObservableGauge("philotes_capture_received_lsn", () => Position(ref _received));
        meter.CreateObservableGauge("philotes_capture_durable_lsn", () => Position(ref _durable));
        meter.CreateObservableGauge("philotes_capture_acked_lsn", () => Position(ref _acknowledged));
        meter.CreateObservableGauge("philotes_capture_open_transaction_bytes", () => Position(ref _openTransactionBytes));
        meter.CreateObservableGauge("philotes_heartbeat_age_seconds", HeartbeatAge, description: "Age of the newest sign of life that came out of the buffer.");
        meter.CreateObservableGauge("philotes_capture_backpressure", () => new Measurement<int>(Volatile.Read(ref _waiting), _source));
        meter.CreateObservableGauge("philotes_capture_buffer_full", () => new Measurement<int>(Volatile.Read(ref _bufferFull), _source), description: "1 while capture waits because the buffer is at its limit.");
        WatchSlot(meter);
        meter.CreateObservableGauge("philotes_capture_state", () => new Measurement<int>(1, _source, new KeyValuePair<string, object?>("state", Volatile.Read(ref _state))));
    }

    public void Slot(SlotSample? sample) => Volatile.Write(ref _slot, sample);

    public void BufferFull(bool isFull) => Volatile.Write(ref _bufferFull, isFull ? 1 : 0);

    public void Received(Lsn lsn, long openTransactionBytes)
    {
        Volatile.Write(ref _received, (long)lsn.Value);
        Volatile.Write(ref _openTransactionBytes, openTransactionBytes);
    }

    /// <summary>The last position told by <see cref="Durable"/>.</summary>
    public Lsn DurableLsn => new((ulong)Volatile.Read(ref _durable));

    /// <param name="sentAt">Timestamp of the sign of life that is durable now.</param>
    public void HeartbeatDurable(long sentAt) => Volatile.Write(ref _heartbeat, sentAt);

    public void Durable(Lsn lsn) => Volatile.Write(ref _durable, (long)lsn.Value);

    public void Acknowledged(Lsn lsn) => Volatile.Write(ref _acknowledged, (long)lsn.Value);

    public void FeedbackFailed() => _feedbackFailures.Add(1, _source);

    public void Waiting(bool isWaiting) => Volatile.Write(ref _waiting, isWaiting ? 1 : 0);

    public bool IsStreaming => Volatile.Read(ref _state) == "streaming";

    public void State(string state) => Volatile.Write(ref _state, state);

    public void Reconnected(string code)
    {
        _reconnects.Add(1, _source, new KeyValuePair<string, object?>("reason", code));
        if (code == "PH001")
        {
            _fenced.Add(1, new KeyValuePair<string, object?>("what", "capture"));
        }
    }

    public void Flushed(FlushStep step, TimeSpan duration)
    {
        if (step.Rows == 0)
        {
            return;
        }

        var bytes = step.Directory.Sum(chunk => (long)chunk.ByteCount);
        Interlocked.Increment(ref _sums.Flushes);
        Interlocked.Add(ref _sums.Rows, step.Rows);
        Interlocked.Add(ref _sums.Transactions, step.Transactions);
        Interlocked.Add(ref _sums.Bytes, bytes);
        _rows.Add(step.Rows, _source);
        _bytes.Add(bytes, _source);
        _transactions.Add(step.Transactions, _source);
        _flushSeconds.Record(duration.TotalSeconds, _source);
        _flushRows.Record(step.Rows, _source);
        if (step.CommittedAt is { } microseconds)
        {
            var committed = PostgresEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
            _commitToDurable.Record(Math.Max(0, (_time.GetUtcNow() - committed).TotalSeconds), _source);
        }
    }

    /// <summary>What was flushed since the last time that somebody asked.</summary>
    public (long Flushes, long Rows, long Transactions, long Bytes) TakeSums() => (
        Interlocked.Exchange(ref _sums.Flushes, 0), Interlocked.Exchange(ref _sums.Rows, 0), Interlocked.Exchange(ref _sums.Transactions, 0), Interlocked.Exchange(ref _sums.Bytes, 0));

    /// <summary>Nothing before the first stream, or without heartbeats.</summary>
    private IEnumerable<Measurement<double>> HeartbeatAge() => Volatile.Read(ref _heartbeat) is not 0 and var sentAt
        ? [new(_time.GetElapsedTime(sentAt).TotalSeconds, _source, new KeyValuePair<string, object?>("stage", "buffer"))]
        : [];

    private void WatchSlot(Meter meter)
    {
        meter.CreateObservableGauge("philotes_slot_retained_bytes", () => OfSlot(slot => slot.RetainedBytes), description: "Log that the source keeps because of our slot.");
        meter.CreateObservableGauge("philotes_slot_confirmed_lag_bytes", () => OfSlot(slot => slot.LagBytes), description: "Log behind the position that we acknowledged.");
        meter.CreateObservableGauge("philotes_slot_safe_bytes", () => OfSlot(slot => slot.SafeBytes), description: "Log that may still be written before the slot is lost.");
        meter.CreateObservableGauge("philotes_slot_seconds_to_loss", () => OfSlot(slot => slot.SecondsToLoss), description: "Time until the slot is lost at the rate of the last look.");
        meter.CreateObservableGauge("philotes_slot_active", () => OfSlot(slot => slot.Active ? 1 : 0), description: "Whether somebody reads the slot.");
        meter.CreateObservableGauge("philotes_slot_wal_status", () => OfSlot(_ => 1, slot => new("status", slot.WalStatus)), description: "1 for the slot's wal_status.");
        meter.CreateObservableCounter("philotes_slot_spill_bytes_total", () => OfSlot(slot => slot.SpillBytes), description: "Decoded bytes that the source spilled to disk for our slot.");
        meter.CreateObservableGauge("philotes_source_wal_bytes_per_second", () => OfSlot(slot => slot.BytesPerSecond), description: "How fast the source writes its log.");
    }

    private IEnumerable<Measurement<double>> OfSlot(Func<SlotSample, double?> value, Func<SlotSample, KeyValuePair<string, object?>>? tag = null) =>
        Volatile.Read(ref _slot) is { } slot && value(slot) is { } number ? [tag is null ? new(number, _source) : new(number, _source, tag(slot))] : [];

    private Measurement<long> Position(ref long value) => new(Volatile.Read(ref value), _source);
}
