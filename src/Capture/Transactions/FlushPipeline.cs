using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Philotes.Buffer;
using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>
/// Writes steps to the buffer in order while the reader fills the next: COPY (T1), then the directory and D in one commit (T2), then the
/// slot is told. Bounded: with <see cref="QueueLength"/> steps waiting the reader waits too.
///
/// Crash table. Before T1: nothing, the slot sends it again. After T1: rows that no directory entry names, unreachable for ever. After T2:
/// durable; the slot sends it again and the assembler skips it. Any failure of T1 or T2 ends the epoch; no step is tried twice.
/// </summary>
internal sealed class FlushPipeline(BufferAppender buffer, BufferBudget budget, SlotAcknowledger slot, CaptureMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int QueueLength = 2;

    private readonly Channel<FlushStep> _steps = Channel.CreateBounded<FlushStep>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, SingleWriter = true });

    private long _submitted;
    private long _done;

    /// <summary>Everything submitted is durable.</summary>
    public bool IsIdle => Interlocked.Read(ref _submitted) == Interlocked.Read(ref _done);

    public async ValueTask SubmitAsync(FlushStep step, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _submitted);
        if (!_steps.Writer.TryWrite(step))
        {
            metrics.Waiting(true);
            await _steps.Writer.WriteAsync(step, cancellationToken);
            metrics.Waiting(false);
        }
    }

    /// <summary>No more steps will come; <see cref="RunAsync"/> ends after the last.</summary>
    public void Finish() => _steps.Writer.TryComplete();

    /// <summary>Writes until finished. Throws what the buffer threw, and then takes no more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var step in _steps.Reader.ReadAllAsync(cancellationToken))
            {
                await PerformAsync(step, cancellationToken);
                Interlocked.Increment(ref _done);
            }
        }
        catch (Exception e)
        {
            _steps.Writer.TryComplete(e);
            throw;
        }
        finally
        {
            Drain();
        }
    }

    private async Task PerformAsync(FlushStep step, CancellationToken cancellationToken)
    {
        try
        {
            if (step.Copies.Count > 0)
                await budget.RoomAsync(cancellationToken);
            var started = time.GetTimestamp();
            await Failpoints.HitAsync("cap.before_copy", cancellationToken);
            await buffer.CopyAsync(step.Copies, cancellationToken);

            await Failpoints.HitAsync("cap.after_copy", cancellationToken);
            if (step.Durable is { } durable)
            {
                await FlushAsync(step, durable, cancellationToken);
                var elapsed = time.GetElapsedTime(started);
                metrics.Flushed(step, elapsed);
                if (step.Rows > 0 && logger.IsEnabled(LogLevel.Debug))
                    logger.Flushed(step.Rows, step.Transactions, step.Directory.Count, step.Directory.Sum(chunk => (long)chunk.ByteCount), durable, elapsed);
            }
        }
        finally
        {
            Release(step);
        }
    }

    private async Task FlushAsync(FlushStep step, Lsn durable, CancellationToken cancellationToken)
    {
        await Failpoints.HitAsync("cap.before_flush", cancellationToken);
        var receipt = await buffer.FlushAsync(step.Directory, durable, cancellationToken);
        await Failpoints.HitAsync("cap.after_flush", cancellationToken);
        metrics.Durable(receipt.Value);
        await Failpoints.HitAsync(step.Directory.Count == 0 ? "cap.idle_ack" : "cap.before_ack", cancellationToken);
        await slot.AcknowledgeAsync(receipt, cancellationToken);
        metrics.Acknowledged(receipt.Value);
        await Failpoints.HitAsync("cap.after_ack", cancellationToken);
    }

    /// <summary>A spilled chunk lives on for its directory entry; its bytes were released by the copy.</summary>
    private static void Release(FlushStep step)
    {
        foreach (var chunk in step.Durable is null ? [] : step.Directory)
        {
            chunk.Dispose();
        }
    }

    private void Drain()
    {
        while (_steps.Reader.TryRead(out var step))
        {
            foreach (var chunk in step.Copies.Concat(step.Directory))
            {
                chunk.Dispose();
            }
        }
    }
}
