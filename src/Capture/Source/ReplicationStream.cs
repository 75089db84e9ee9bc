using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// The slot's messages as bytes. Reads the raw replication packets: a third faster than Npgsql's pgoutput objects, and the bytes are what
/// the buffer keeps. One buffer holds the current message and is overwritten by the next.
///
/// Npgsql answers the server's keepalives inside a pending read and on its own timer, so the server hears from us while we wait for the
/// buffer database; it yields none of them, so <see cref="ReceivedLsn"/> must be asked.
/// </summary>
internal sealed class ReplicationStream : IAsyncDisposable
{
    private const int FirstVersionWithMessages = 140_000;

    private readonly LogicalReplicationConnection _connection;
    private readonly IAsyncEnumerator<XLogDataMessage> _packets;
    private readonly CancellationTokenSource _stop = new();
    private byte[] _message = new byte[64 << 10];
    private int _length;
    private Task _pending = Task.CompletedTask;

    /// <summary>Sends START_REPLICATION with the first read, not before.</summary>
    public ReplicationStream(LogicalReplicationConnection connection, string slotName, IReadOnlyList<string> publications, Lsn from, int serverVersion)
    {
        _connection = connection;
        connection.SetReplicationStatus(new NpgsqlLogSequenceNumber(from.Value));
        _packets = connection
            .StartLogicalReplication(new PgOutputReplicationSlot(slotName), _stop.Token, new NpgsqlLogSequenceNumber(from.Value), Options(publications, serverVersion))
            .GetAsyncEnumerator(_stop.Token);
    }

    /// <summary>The last position that the server told, by message or keepalive.</summary>
    public Lsn ReceivedLsn => new((ulong)_connection.LastReceivedLsn);

    public int BackendPid => _connection.ProcessID;

    /// <summary>The current message; valid until the next read.</summary>
    public ReadOnlySpan<byte> Message => _message.AsSpan(0, _length);

    /// <summary>Reads the next message into <see cref="Message"/>. False: the server ended the stream.</summary>
    public ValueTask<bool> ReadAsync()
    {
        var read = ReadPacketAsync();
        if (read.IsCompletedSuccessfully)
        {
            return read;
        }

        var pending = read.AsTask();
        _pending = pending;
        return new ValueTask<bool>(pending);
    }

    /// <summary>Makes a pending read end with <see cref="OperationCanceledException"/>.</summary>
    public void Cancel() => _stop.Cancel();

    /// <summary>Ends a read that is pending before the connection goes: Npgsql allows only one reader.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private async ValueTask<bool> ReadPacketAsync()
    {
        try
        {
            if (!await _packets.MoveNextAsync())
            {
                return false;
            }
        }
        catch (Exception e) when (e is NullReferenceException or ObjectDisposedException or InvalidOperationException)
        {
            // A status update that hits a dying connection breaks Npgsql's connector under the reader.
            throw new IOException("The replication connection broke.", e);
        }

        var data = _packets.Current.Data;
        var length = (int)data.Length;
        if (_message.Length < length)
        {
            _message = new byte[Math.Max(length, checked((int)Math.Min(2L * _message.Length, Array.MaxLength)))];
        }

        _length = 0;
        while (_length < length)
        {
            var read = await data.ReadAsync(_message.AsMemory(_length, length - _length), _stop.Token);
            if (read == 0)
            {
                throw new EndOfStreamException("The server ended a replication packet early.");
            }

            _length += read;
        }

        return true;
    }

    private static IEnumerable<KeyValuePair<string, string?>> Options(IReadOnlyList<string> publications, int serverVersion)
    {
        yield return new("proto_version", "1");
        yield return new("publication_names", Identifier.Literal(string.Join(",", publications.Select(Identifier.Quote))));
        if (serverVersion >= FirstVersionWithMessages)
        {
            yield return new("messages", "true");
        }
    }
}
