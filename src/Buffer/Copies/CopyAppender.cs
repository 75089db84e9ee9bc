using Npgsql;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// Appends the events of one copied range: its chunks first, where nobody can reach them, then all of their directory entries in one commit
/// that also marks the range as done. A crash before that commit leaves rows under chunk numbers that are never used again. Holds one
/// connection; one owner.
/// </summary>
public sealed class CopyAppender(NpgsqlDataSource db) : IAsyncDisposable
{
    private const long GenerationBytesMax = 1L << 30;

    private NpgsqlConnection? _connection;

    /// <summary>A new chunk with a number of its own. The caller disposes it, unless <see cref="PublishAsync"/> took it.</summary>
    public async Task<EventChunk> OpenChunkAsync(CopyRange range, CancellationToken cancellationToken = default)
    {
        await using var command = new NpgsqlCommand(CopySql.BeginChunk, await ConnectAsync(cancellationToken));
        command.Parameters.AddWithValue("bytes", GenerationBytesMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new EventChunk(range.Table.TableId, range.SchemaId, reader.GetInt32(1), reader.GetInt64(0));
    }

    /// <summary>Writes the chunk's rows and gives its memory back.</summary>
    public async Task CopyAsync(EventChunk chunk, CancellationToken cancellationToken = default)
    {
        await using (var stream = await (await ConnectAsync(cancellationToken)).BeginRawBinaryCopyAsync(AppenderSql.CopyInto(chunk.Generation), cancellationToken))
        {
            try
            {
                await stream.WriteAsync(EventWire.Header.ToArray(), cancellationToken);
                await stream.WriteAsync(chunk.Rows, cancellationToken);
                await stream.WriteAsync(EventWire.Trailer.ToArray(), cancellationToken);
            }
            catch
            {
                await stream.AbandonAsync();
                throw;
            }
        }

        chunk.Copied();
    }

    /// <summary>Makes the range's chunks reachable and marks the range as done. False: somebody else did, or the attempt is no longer the newest.</summary>
    public async Task<bool> PublishAsync(CopyRange range, long rows, IReadOnlyList<EventChunk> chunks, CancellationToken cancellationToken = default)
    {
        var connection = await ConnectAsync(cancellationToken);
        await using var publish = new NpgsqlCommand(CopySql.Publish, connection);
        publish.Parameters.AddWithValue("table", range.Table.TableId);
        publish.Parameters.AddWithValue("attempt", range.Table.Attempt);
        publish.Parameters.AddWithValue("ordinal", range.Ordinal);
        publish.Parameters.AddWithValue("rows", rows);
        publish.Parameters.AddWithValue("chunks", NpgsqlDbType.Jsonb, ChunkEntries.ToJson(chunks));
        var published = await publish.ExecuteScalarAsync(cancellationToken) is true;
        foreach (var generation in chunks.Select(chunk => chunk.Generation).Distinct())
        {
            await using var summarize = new NpgsqlCommand(AppenderSql.Summarize, connection);
            summarize.Parameters.AddWithValue("gen", generation);
            await summarize.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var release = new NpgsqlCommand(CopySql.ReleaseGenerations, connection);
        await release.ExecuteNonQueryAsync(cancellationToken);
        return published;
    }

    /// <summary>Ends what was begun and not published.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is { State: System.Data.ConnectionState.Open })
        {
            return _connection;
        }

        await DisposeAsync();
        _connection = await db.OpenConnectionAsync(cancellationToken);
        await using var prepare = new NpgsqlCommand(AppenderSql.PrepareCopy, _connection);
        await prepare.ExecuteNonQueryAsync(cancellationToken);
        return _connection;
    }
}
