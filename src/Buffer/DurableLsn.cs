using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>
/// The receipt for a flush: every source transaction that ended at or before it is in the buffer and on its disk. Only the buffer makes
/// it, and acknowledging to the slot takes it: nothing can be acknowledged that was not flushed.
/// </summary>
public sealed class DurableLsn
{
    internal DurableLsn(Lsn value) => Value = value;

    public Lsn Value { get; }

    public override string ToString() => Value.ToString();
}
