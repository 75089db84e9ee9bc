using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer.Operations;

namespace Philotes.Capture;

/// <summary>
/// Keeps the buffer within <c>buffer.max_bytes</c>. At the limit capture waits: it reads no more, so the source keeps the log instead, and nothing is
/// lost or skipped. It goes on once the buffer is a tenth below the limit, so that it does not start and stop with every dropped page. The
/// connection to the source stays alive meanwhile: its status messages come from a timer of their own.
/// </summary>
internal sealed class BufferBudget(NpgsqlDataSource buffer, long bytesMax, CaptureRuntime runtime)
{
    private const double ResumeShare = 0.9;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private long _looked;
    private bool _hasLooked;
    private long _bytes;
    private volatile bool _isFull;

    /// <summary>Whether somebody waits for room.</summary>
    public bool IsFull => _isFull;

    /// <summary>Returns once there is room. Looks at most every few seconds, so a flush costs nothing for it.</summary>
    public async ValueTask RoomAsync(CancellationToken cancellationToken)
    {
        if (_hasLooked && runtime.Time.GetElapsedTime(_looked) < Look && _bytes < bytesMax)
            return;
        await LookAsync(cancellationToken);
        if (_bytes < bytesMax)
            return;
        runtime.Logger.BufferFull("PH507", _bytes, bytesMax);
        runtime.Health.NotReady($"PH507: the buffer holds {_bytes} bytes of {bytesMax}; capture waits and the source keeps its log");
        runtime.Metrics.BufferFull(true);
        _isFull = true;
        while (_bytes >= bytesMax * ResumeShare)
        {
            await Task.Delay(Look, runtime.Time, cancellationToken);
            runtime.Health.Progress();
            await LookAsync(cancellationToken);
        }

        _isFull = false;
        runtime.Metrics.BufferFull(false);
        runtime.Health.Ready();
        runtime.Logger.BufferHasRoom(_bytes, bytesMax);
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        _bytes = await BufferSize.ReadAsync(buffer, cancellationToken);
        (_looked, _hasLooked) = (runtime.Time.GetTimestamp(), true);
    }
}
