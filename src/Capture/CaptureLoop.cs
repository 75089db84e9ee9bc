using Philotes.Capture.Decoding;
using Philotes.Capture.Source;
using Philotes.Capture.Transactions;
using Philotes.Shared;

namespace Philotes.Capture;

/// <summary>
/// Reads messages and decides when to flush. Single-threaded: the timer is another branch of the loop and only looks while a read is
/// pending, so a busy stream pays nothing for it. An open transaction is never flushed; one too big for memory is spilled.
///
/// Idle advance: while nothing is open and everything is durable, the position that keepalives told is persisted and then acknowledged, so
/// that a busy server does not keep its log for a quiet publication. The position is read before the pending read is seen to be pending:
/// every message below it was then already handled.
/// </summary>
internal sealed class CaptureLoop(
    ReplicationStream stream, TransactionAssembler assembler, RelationCatalog relations, FlushPipeline pipeline,
    CaptureSettings settings, CaptureRuntime runtime)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time = runtime.Time;
    private Task _tick = Task.CompletedTask;
    private long _oldestUnflushed;
    private bool _hasUnflushed;
    private long _lastIdle = runtime.Time.GetTimestamp();
    private Lsn _submitted = assembler.Complete;
    private readonly Dictionary<uint, RelationMessage> _undescribed = [];
    private CancellationToken _abort;
    private bool _guarded;

    /// <summary>
    /// Runs until <paramref name="stopping"/> and the end of the transaction that is open then, and leaves everything complete submitted and the connection streaming, so that the last
    /// position can still be acknowledged. Throws when the stream or <paramref name="flushing"/> fails, or at <paramref name="abort"/>.
    /// </summary>
    public async Task RunAsync(SlotGuard guard, Task flushing, CancellationToken stopping, CancellationToken abort)
    {
        _abort = abort;
        while (true)
        {
            var read = stream.ReadAsync();
            if (!_guarded)
            {
                await Failpoints.HitAsync("cap.first_read", _abort);
            }

            if (_guarded && read.IsCompletedSuccessfully)
            {
                RequireMore(await read);
            }
            else
            {
                var pending = read.AsTask();
                await GuardAsync(guard, pending);
                if (!await WaitAsync(pending, flushing, stopping))
                {
                    await LeaveAsync();
                    return;
                }

                RequireMore(await pending);
            }

            await HandleAsync();
            if (stopping.IsCancellationRequested && !assembler.InTransaction)
            {
                await LeaveAsync();
                return;
            }
        }
    }

    private static void RequireMore(bool isMore)
    {
        if (!isMore)
        {
            throw new EndOfStreamException("The source ended the replication stream: it is shutting down, or an administrator ended it.");
        }
    }

    /// <summary>Beside the first read, which sends START_REPLICATION, and before anything of it is handled, whether or not it has completed by now.</summary>
    private async ValueTask GuardAsync(SlotGuard guard, Task reading)
    {
        if (!_guarded)
        {
            await guard.RequireAsync(stream.BackendPid, reading, _time, _abort);
            _guarded = true;
        }
    }

    /// <summary>
    /// Waits for the read. False: time to leave. Inside a transaction nothing can be flushed, so nothing but the read is waited for: there
    /// the server sends message by message, and a timer beside each wait would cost more than the message.
    /// </summary>
    private async ValueTask<bool> WaitAsync(Task<bool> read, Task flushing, CancellationToken stopping)
    {
        runtime.Metrics.Received(stream.ReceivedLsn, assembler.OpenTransactionBytes);
        runtime.Health.Progress();
        if (assembler.InTransaction)
        {
            await read;
            return true;
        }

        while (!read.IsCompleted)
        {
            if (_tick.IsCompleted)
            {
                _tick = Task.Delay(Tick, _time, CancellationToken.None);
            }

            await Task.WhenAny(read, _tick, flushing);
            runtime.Health.Progress();
            if (flushing.IsCompleted)
            {
                await flushing;
            }

            if (!read.IsCompleted)
            {
                await FlushIfDueAsync();
                await AdvanceIfIdleAsync(read);
                if (stopping.IsCancellationRequested)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private ValueTask LeaveAsync() => assembler.HasRows ? SubmitAsync(assembler.Cut()) : default;

    private ValueTask HandleAsync()
    {
        var message = stream.Message;
        switch (PgOutputDecoder.TypeOf(message))
        {
            case MessageType.Insert or MessageType.Update or MessageType.Delete:
                var row = PgOutputDecoder.Row(message);
                if (_undescribed.Count > 0 && !assembler.IsSkipping && _undescribed.Remove(row.RelationOid, out var relation))
                {
                    return DescribeAndHandleAsync(relation);
                }

                return RowAsync(row);
            case MessageType.Begin:
                assembler.Begin(PgOutputDecoder.Begin(message));
                return default;
            case MessageType.Commit:
                assembler.Commit(PgOutputDecoder.Commit(message));
                return CommittedAsync();
            case MessageType.Relation:
                return DescribeAsync(PgOutputDecoder.Relation(message));
            case MessageType.Truncate:
                return TruncateAsync(PgOutputDecoder.Truncate(message));
            case MessageType.Type or MessageType.Origin or MessageType.Logical:
                return default;
            case var type:
                throw MessageReader.Torn($"of unknown type 0x{(byte)type:x2} came");
        }
    }

    private ValueTask RowAsync(in RowMessage row)
    {
        if (assembler.NeedsLook(row.RelationOid))
        {
            return LookAsync(row.RelationOid);
        }

        if (assembler.Choose(row) is { } choice)
        {
            return TakeAsync(row.RelationOid, choice);
        }

        if (assembler.Misfits(row) is { } misfits)
        {
            return RefitAsync(row.RelationOid, misfits);
        }

        assembler.Row(row);
        return IsFull ? SpillAsync() : default;
    }

    private bool IsFull => assembler.HeldBytes >= settings.FlushBytes || assembler.HeldRows >= settings.FlushRows;

    private async ValueTask SpillAsync()
    {
        runtime.Health.Progress();
        await Failpoints.HitAsync("cap.mid_tx", _abort);
        await pipeline.SubmitAsync(assembler.Spill(), _abort);
    }

    private ValueTask CommittedAsync()
    {
        runtime.Health.Progress();
        if (assembler.HasRows && !_hasUnflushed)
        {
            _hasUnflushed = true;
            _oldestUnflushed = _time.GetTimestamp();
        }

        return IsFull ? SubmitAsync(assembler.Cut()) : FlushIfDueAsync();
    }

    private ValueTask FlushIfDueAsync() =>
        _hasUnflushed && _time.GetElapsedTime(_oldestUnflushed) >= settings.FlushDelay ? SubmitAsync(assembler.Cut()) : default;

    private ValueTask AdvanceIfIdleAsync(Task read)
    {
        if (_hasUnflushed || !pipeline.IsIdle || _time.GetElapsedTime(_lastIdle) < settings.IdleAdvance)
        {
            return default;
        }

        var reached = stream.ReceivedLsn;
        if (read.IsCompleted || reached <= _submitted)
        {
            return default;
        }

        return SubmitAsync(FlushStep.Idle(reached));
    }

    private ValueTask SubmitAsync(FlushStep step)
    {
        _hasUnflushed = false;
        _lastIdle = _time.GetTimestamp();
        _submitted = step.Durable ?? _submitted;
        return pipeline.SubmitAsync(step, _abort);
    }

    private async ValueTask TruncateAsync(TruncateMessage truncate)
    {
        foreach (var oid in assembler.IsSkipping ? [] : truncate.RelationOids)
        {
            if (_undescribed.Remove(oid, out var relation))
            {
                await DescribeAsync(relation);
            }
        }

        assembler.Truncate(truncate);
    }

    /// <summary>A description that comes in a transaction the buffer has already waits for the first row that counts: nothing is entered that no row needs.</summary>
    private async ValueTask DescribeAsync(RelationMessage relation)
    {
        if (assembler.IsSkipping)
        {
            _undescribed[relation.RelationOid] = relation;
            return;
        }

        _undescribed.Remove(relation.RelationOid);
        assembler.Describe(relation.RelationOid, await relations.ResolveAsync(relation, assembler.Position, assembler.Xid, _abort));
    }

    /// <summary>Composite types are altered without a word in the stream: the catalog is asked whether they still are what they were.</summary>
    private async ValueTask LookAsync(uint relationOid)
    {
        assembler.Describe(relationOid, await relations.LookAsync(relationOid, assembler.Position, _abort));
        await HandleAsync();
    }

    /// <summary>The row at hand is of another state of a composite type than the row before, or nobody can be sure.</summary>
    private async ValueTask TakeAsync(uint relationOid, CompositeChoice choice)
    {
        assembler.Describe(relationOid, await relations.TakeAsync(relationOid, choice, assembler.Position, _abort));
        await HandleAsync();
    }

    /// <summary>A composite type was altered: the row at hand is the first that shows it.</summary>
    private async ValueTask RefitAsync(uint relationOid, IReadOnlyDictionary<int, int> misfits)
    {
        assembler.Describe(relationOid, await relations.RefitAsync(relationOid, misfits, assembler.Position, assembler.Xid, _abort));
        assembler.Row(PgOutputDecoder.Row(stream.Message));
        if (IsFull)
        {
            await SpillAsync();
        }
    }

    private async ValueTask DescribeAndHandleAsync(RelationMessage relation)
    {
        await DescribeAsync(relation);
        await HandleAsync();
    }
}
