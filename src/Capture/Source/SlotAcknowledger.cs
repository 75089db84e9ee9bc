using Npgsql;
using Npgsql.Replication;
using NpgsqlTypes;
using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Tells the slot what it may forget. Takes only the buffer's receipt, so that nothing can be acknowledged that is not durable. Npgsql
/// logs a failed send and does not throw it: the position is sent again with the next status, every few seconds.
/// </summary>
internal sealed class SlotAcknowledger(LogicalReplicationConnection connection, TimeSpan delay, TimeProvider time, Action failed)
{
    private readonly Queue<(long At, DurableLsn Durable)> _held = [];

    public Lsn Acknowledged { get; private set; }

    /// <summary>Acknowledges the newest position that has been durable for the configured delay.</summary>
    public async Task AcknowledgeAsync(DurableLsn durable, CancellationToken cancellationToken)
    {
        _held.Enqueue((time.GetTimestamp(), durable));
        DurableLsn? due = null;
        while (_held.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) >= delay)
        {
            due = _held.Dequeue().Durable;
        }

        if (due is not null)
        {
            connection.SetReplicationStatus(new NpgsqlLogSequenceNumber(due.Value.Value));
            await SendAsync(cancellationToken);
            Acknowledged = due.Value;
        }
    }

    /// <summary>Fails in several ways when the stream has just ended. Nothing is lost by it, and the reader tells why the stream ended.</summary>
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connection.SendStatusUpdate(cancellationToken);
        }
        catch (Exception e) when (e is InvalidOperationException or NullReferenceException or NpgsqlException or IOException)
        {
            failed();
        }
    }
}
