using System.Collections.Concurrent;

namespace Philotes.DuckDb;

/// <summary>
/// Feeds chunks to a statement while it runs: <c>select * from philotes_rows()</c>, of the function that opened it (<see cref="ChunkFunction"/>).
/// The producer fills the next chunk while the statement, on a thread of its own, works on the ones before. A chunk is not copied:
/// the statement's vectors take a reference to its memory. The queue holds <see cref="QueuedChunkMax"/> chunks at most, so
/// memory stays bounded and a slow statement slows its producer. One thread of the engine pulls, so rows keep their order.
/// </summary>
public sealed class ChunkStream : IDisposable
{
    public const int QueuedChunkMax = 4;

    private readonly BlockingCollection<nint> _queue = new(QueuedChunkMax);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ChunkFunction _function;
    private readonly IReadOnlyList<DuckDbField> _columns;
    private bool _aborted;

    internal ChunkStream(ChunkFunction function, IReadOnlyList<DuckDbField> columns) => (_function, _columns) = (function, columns);

    /// <summary>Hands the chunk's rows over; waits while the queue is full. False: the statement has ended and takes no more.</summary>
    public bool TryAppend(DataChunk chunk, int rowCount)
    {
        var handle = chunk.Take(rowCount);
        try
        {
            _queue.Add(handle, _stopped.Token);
            return true;
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            NativeMethods.DestroyDataChunk(ref handle);
            return false;
        }
    }

    /// <summary>No more rows will come: the statement finishes.</summary>
    public void Complete() => _queue.CompleteAdding();

    /// <summary>No more rows will come and the statement shall fail.</summary>
    public void Abort()
    {
        Volatile.Write(ref _aborted, true);
        _queue.CompleteAdding();
    }

    /// <summary>Called when the statement has ended, in whatever way: a waiting producer is released.</summary>
    public void Stop() => _stopped.Cancel();

    /// <summary>Only after the statement has ended and its connection is closed.</summary>
    public void Dispose()
    {
        while (_queue.TryTake(out var chunk))
            NativeMethods.DestroyDataChunk(ref chunk);
        _queue.Dispose();
        _stopped.Dispose();
        _function.Closed(this);
    }

    internal void AddColumns(nint info)
    {
        foreach (var column in _columns)
        {
            using var type = column.Type.CreateHandle();
            NativeMethods.BindAddColumn(info, column.Name, type);
        }
    }

    /// <summary>Fills the engine's chunk with the next one of the queue; an empty chunk ends the rows.</summary>
    internal void PullInto(nint target)
    {
        if (!_queue.TryTake(out var source, Timeout.Infinite))
        {
            if (Volatile.Read(ref _aborted))
                throw new DuckDbException("The rows were given up before their end.");
            NativeMethods.SetSize(target, 0);
            return;
        }
        for (var column = 0; column < _columns.Count; column++)
            NativeMethods.ReferenceVector(NativeMethods.GetVector(target, (ulong)column), NativeMethods.GetVector(source, (ulong)column));
        NativeMethods.SetSize(target, NativeMethods.GetSize(source));
        NativeMethods.DestroyDataChunk(ref source);
    }
}
