namespace Philotes.DuckDb;

/// <summary>
/// Feeds chunks to a statement while it runs: <c>select * from philotes_rows()</c>, of the function that opened it (<see cref="ChunkFunction"/>).
/// The producer fills the next chunk while the statement, on a thread of its own, works on the ones before. A chunk is not copied:
/// the statement's vectors take a reference to its memory. The queue holds <see cref="QueuedChunkMax"/> chunks and
/// <see cref="QueuedByteMax"/> bytes at most, or one chunk of whatever size, so memory stays bounded and a slow statement slows its producer. It is long because a statement that
/// writes row groups takes nothing while it encodes one, and the producer shall not wait meanwhile. One thread of the engine pulls, so rows keep their order.
/// </summary>
public sealed class ChunkStream : IDisposable
{
    public const int QueuedChunkMax = 64;
    public const long QueuedByteMax = 16L << 20;

    private readonly Queue<(nint Chunk, long Bytes)> _queue = new(QueuedChunkMax);
    private readonly ChunkFunction _function;
    private readonly IReadOnlyList<DuckDbField> _columns;
    private long _queuedBytes;
    private long _rowsTaken;
    private bool _completed;
    private bool _aborted;
    private bool _stopped;

    /// <summary>Rows that the statement has taken so far.</summary>
    public long RowsTaken => Interlocked.Read(ref _rowsTaken);

    private bool IsFull => _queue.Count >= QueuedChunkMax || _queuedBytes >= QueuedByteMax;

    internal ChunkStream(ChunkFunction function, IReadOnlyList<DuckDbField> columns) => (_function, _columns) = (function, columns);

    /// <summary>Hands the chunk's rows over; waits while the queue is full. False: the statement has ended and takes no more.</summary>
    public bool TryAppend(DataChunk chunk, int rowCount)
    {
        var bytes = chunk.ByteCount;
        var handle = chunk.Take(rowCount);
        lock (_queue)
        {
            // Waiting without spinning: the other side needs the core.
            while (IsFull && !_stopped)
                Monitor.Wait(_queue);
            if (!_stopped)
            {
                _queue.Enqueue((handle, bytes));
                _queuedBytes += bytes;
                Monitor.PulseAll(_queue);
                return true;
            }
        }

        NativeMethods.DestroyDataChunk(ref handle);
        return false;
    }

    /// <summary>No more rows will come: the statement finishes.</summary>
    public void Complete() => End(abort: false);

    /// <summary>No more rows will come and the statement shall fail.</summary>
    public void Abort() => End(abort: true);

    /// <summary>Called when the statement has ended, in whatever way: a waiting producer is released.</summary>
    public void Stop()
    {
        lock (_queue)
        {
            _stopped = true;
            Monitor.PulseAll(_queue);
        }
    }

    /// <summary>Only after the statement has ended and its connection is closed.</summary>
    public void Dispose()
    {
        while (_queue.TryDequeue(out var left))
            NativeMethods.DestroyDataChunk(ref left.Chunk);
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
        if (!TryTake(out var source))
        {
            NativeMethods.SetSize(target, 0);
            return;
        }

        for (var column = 0; column < _columns.Count; column++)
            NativeMethods.ReferenceVector(NativeMethods.GetVector(target, (ulong)column), NativeMethods.GetVector(source, (ulong)column));
        var rows = NativeMethods.GetSize(source);
        NativeMethods.SetSize(target, rows);
        Interlocked.Add(ref _rowsTaken, (long)rows);
        NativeMethods.DestroyDataChunk(ref source);
    }

    private void End(bool abort)
    {
        lock (_queue)
        {
            _completed = true;
            _aborted |= abort;
            Monitor.PulseAll(_queue);
        }
    }

    /// <summary>Waits for a chunk. False: there will be none.</summary>
    private bool TryTake(out nint chunk)
    {
        lock (_queue)
        {
            while (_queue.Count == 0 && !_completed)
                Monitor.Wait(_queue);
            if (_queue.Count == 0 && _aborted)
                throw new DuckDbException("The rows were given up before their end.");
            var taken = _queue.TryDequeue(out var first);
            chunk = first.Chunk;
            _queuedBytes -= first.Bytes;
            Monitor.PulseAll(_queue);
            return taken;
        }
    }
}
