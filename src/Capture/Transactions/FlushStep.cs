using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>
/// One piece of work for the buffer. <paramref name="Copies"/> are written first; with <paramref name="Durable"/> set, the directory entries of
/// <paramref name="Directory"/> and that position are then committed together. Without it the transaction is still open, and its chunks
/// stay out of reach. The step owns its chunks.
/// </summary>
/// <param name="Durable">End of the last transaction inside, or for an idle source the position it has reached.</param>
/// <param name="Rows">Rows that become durable.</param>
/// <param name="Transactions">Transactions that become durable.</param>
/// <param name="CommittedAt">Commit time of the last transaction, microseconds since 2000-01-01 UTC; null without one.</param>
internal sealed record FlushStep(
    IReadOnlyList<EventChunk> Copies, IReadOnlyList<EventChunk> Directory, Lsn? Durable, long Rows, int Transactions, long? CommittedAt)
{
    public static FlushStep Idle(Lsn reached) => new([], [], reached, Rows: 0, Transactions: 0, CommittedAt: null);
}
