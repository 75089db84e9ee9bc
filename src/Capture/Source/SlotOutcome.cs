using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>How a slot came to be ours.</summary>
internal abstract record SlotOutcome
{
    private SlotOutcome() { }

    internal sealed record Existed : SlotOutcome;

    /// <param name="ConsistentPoint">The stream contains every transaction that commits after it.</param>
    internal sealed record Created(Lsn ConsistentPoint) : SlotOutcome;
}
