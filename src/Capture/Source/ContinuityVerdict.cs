using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>May the stream go on from where the buffer ends?</summary>
internal abstract record ContinuityVerdict
{
    private ContinuityVerdict() { }

    /// <summary>Nothing is missing. <paramref name="From"/> is where to start.</summary>
    internal sealed record Continue(Lsn From) : ContinuityVerdict;

    /// <summary>No slot and no history: the first start. The slot is to be created.</summary>
    internal sealed record CreateSlot : ContinuityVerdict;

    /// <summary>History is missing or contradicts itself. A person decides; starting would lose changes silently.</summary>
    internal sealed record Refuse(string Code, string Reason) : ContinuityVerdict;

    /// <summary>Somebody else reads the slot. Wait.</summary>
    internal sealed record Busy(string Reason) : ContinuityVerdict;
}
