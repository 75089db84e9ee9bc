using Npgsql;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Appends events for the one capture that holds the fence. Two transactions make a flush:
/// <code>
/// T1  CopyAsync   COPY into the generation's leaf, asynchronous commit    nobody can reach the rows
/// T2  FlushAsync  chunk directory + watermark, compare-and-swap, fsync    all of them are visible, once
/// </code>
/// A crash after T1 leaves rows under chunk numbers that no later epoch uses. A crash after T2 but before its answer: the next epoch's
/// watermark says that it happened. After any failure here the epoch is over: begin again, never retry with the same numbers.
/// <para>
/// Holds two connections while an epoch lasts, one for each kind of transaction. Not thread-safe, but for <see cref="OpenChunk"/> and
/// appending to chunks, which may go on while a copy or a flush of other chunks runs.
/// </para>
/// </summary>
public sealed class BufferAppender(NpgsqlDataSource db) : IAsyncDisposable
{
    private readonly HashSet<EventChunk> _unpublished = [];
    private readonly Lock _chunks = new();
    private NpgsqlConnection? _copying;
    private NpgsqlConnection? _flushing;
    private CaptureEpoch? _epoch;
    private Lsn _durable;
    private long _lastChunk;
    private int _generation;

    /// <summary>Takes the fence: whoever held it before can publish nothing more.</summary>
    public async Task<CaptureEpoch> BeginAsync(int sourceId, string owner, CancellationToken cancellationToken = default)
    {
        await CloseAsync();
        _flushing = await OpenAsync(AppenderSql.PrepareFlush, cancellationToken);
        _copying = await OpenAsync(AppenderSql.PrepareCopy, cancellationToken);
        await using var command = new NpgsqlCommand(AppenderSql.Begin, _flushing);
        command.Parameters.AddWithValue("source", sourceId);
        command.Parameters.AddWithValue("owner", owner);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new PhilotesException("PH900", $"Source {sourceId} is not in the buffer.");
        }

        _epoch = new CaptureEpoch(sourceId, reader.GetInt64(0), Lsn.Parse(reader.GetString(1)), reader.GetInt64(2), reader.GetInt32(3));
        (_durable, _lastChunk, _generation) = (_epoch.Durable, _epoch.LastChunk, _epoch.Generation);
        return _epoch;
    }

    /// <summary>A new chunk with the epoch's next number, in the current generation. The caller disposes it.</summary>
    public EventChunk OpenChunk(int tableId, int schemaId)
    {
        RequireEpoch();
        lock (_chunks)
        {
            var chunk = new EventChunk(tableId, schemaId, _generation, ++_lastChunk);
            _unpublished.Add(chunk);
            return chunk;
        }
    }

    /// <summary>Forgets a chunk that will not be published. Its number stays unused.</summary>
    public void Discard(EventChunk chunk)
    {
        lock (_chunks)
        {
            _unpublished.Remove(chunk);
        }

        chunk.Dispose();
    }

    /// <inheritdoc cref="CopyAsync(IReadOnlyList{EventChunk}, CancellationToken)"/>
    public Task CopyAsync(EventChunk chunk, CancellationToken cancellationToken = default) => CopyAsync([chunk], cancellationToken);

    /// <summary>
    /// T1: writes the rows where nobody can reach them yet and gives the chunks' memory back. May run before the source transaction ends;
    /// the caller keeps the chunks for the flush. Chunks that are empty or copied already are passed over.
    /// </summary>
    public async Task CopyAsync(IReadOnlyList<EventChunk> chunks, CancellationToken cancellationToken = default)
    {
        RequireEpoch();
        foreach (var leaf in chunks.Where(chunk => !chunk.IsCopied && chunk.RowCount > 0).GroupBy(chunk => chunk.Generation))
        {
            await CopyIntoAsync(leaf.Key, [.. leaf.OrderBy(chunk => chunk.Number)], cancellationToken);
        }
    }

    /// <summary>
    /// T2: publishes the chunks (those not copied yet are copied first) and moves the watermark to <paramref name="durable"/>, synchronously.
    /// An empty list moves the watermark alone. PH001 when another capture began meanwhile.
    /// </summary>
    public async Task<DurableLsn> FlushAsync(IReadOnlyList<EventChunk> chunks, Lsn durable, CancellationToken cancellationToken = default)
    {
        await CopyAsync(chunks, cancellationToken);
        EventChunk[] full = [.. chunks.Where(chunk => chunk.RowCount > 0)];
        int low;
        lock (_chunks)
        {
            _unpublished.ExceptWith(chunks);
            low = _unpublished.Count == 0 ? _generation : Math.Min(_generation, _unpublished.Min(chunk => chunk.Generation));
        }

        try
        {
            await PublishAsync(full, durable, low, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("PH", StringComparison.Ordinal))
        {
            await CloseAsync();
            throw new PhilotesException(e.SqlState, $"The buffer refused the flush: {e.MessageText}. This capture must begin again.", e);
        }
        catch
        {
            await CloseAsync();
            throw;
        }

        foreach (var chunk in chunks)
        {
            chunk.Dispose();
        }

        _durable = durable;
        return new DurableLsn(durable);
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task CopyIntoAsync(int generation, IReadOnlyList<EventChunk> chunks, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await _copying!.BeginRawBinaryCopyAsync(AppenderSql.CopyInto(generation), cancellationToken);
            try
            {
                await stream.WriteAsync(EventWire.Header.ToArray(), cancellationToken);
                foreach (var chunk in chunks)
                {
                    await stream.WriteAsync(chunk.Rows, cancellationToken);
                }

                await stream.WriteAsync(EventWire.Trailer.ToArray(), cancellationToken);
            }
            catch
            {
                await stream.AbandonAsync();
                throw;
            }
        }
        catch
        {
            await CloseAsync();
            throw;
        }

        foreach (var chunk in chunks)
        {
            chunk.Copied();
        }
    }

    private async Task PublishAsync(EventChunk[] chunks, Lsn durable, int low, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(_flushing) { EnableErrorBarriers = true };
        var flush = new NpgsqlBatchCommand(AppenderSql.Flush);
        flush.Parameters.AddWithValue("source", _epoch!.SourceId);
        flush.Parameters.AddWithValue("epoch", _epoch.Epoch);
        flush.Parameters.AddWithValue("previous", _durable.ToString());
        flush.Parameters.AddWithValue("durable", durable.ToString());
        flush.Parameters.AddWithValue("chunks", NpgsqlDbType.Jsonb, ChunkEntries.ToJson(chunks));
        flush.Parameters.AddWithValue("low", low);
        batch.BatchCommands.Add(flush);
        foreach (var generation in chunks.Select(chunk => chunk.Generation).Distinct())
        {
            var summarize = new NpgsqlBatchCommand(AppenderSql.Summarize);
            summarize.Parameters.AddWithValue("gen", generation);
            batch.BatchCommands.Add(summarize);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new PhilotesException("PH900", "A flush returned nothing.");
        }

        lock (_chunks)
        {
            _generation = reader.GetInt32(1);
        }

        while (await reader.NextResultAsync(cancellationToken))
        {
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string prepare, CancellationToken cancellationToken)
    {
        var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(prepare, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return connection;
    }

    private void RequireEpoch()
    {
        if (_epoch is null)
        {
            throw new InvalidOperationException("The appender has no epoch, or a failure ended it: begin first.");
        }
    }

    private async Task CloseAsync()
    {
        _epoch = null;
        foreach (var connection in new[] { _copying, _flushing })
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }

        (_copying, _flushing) = (null, null);
        lock (_chunks)
        {
            _unpublished.Clear();
        }
    }
}
