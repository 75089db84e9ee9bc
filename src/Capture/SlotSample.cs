namespace Philotes.Capture;

/// <summary>Our slot at one moment.</summary>
/// <param name="WalStatus">reserved, extended, unreserved or lost.</param>
/// <param name="RetainedBytes">Log that the source keeps because of it.</param>
/// <param name="LagBytes">Log behind the position that we acknowledged.</param>
/// <param name="SafeBytes">Log that may still be written before it is lost; null for any amount.</param>
/// <param name="BytesPerSecond">How fast the source writes its log, since the last look.</param>
internal sealed record SlotSample(bool Active, string WalStatus, long RetainedBytes, long LagBytes, long? SafeBytes, long SpillBytes, double BytesPerSecond)
{
    /// <summary>Null: never, because the source keeps any amount or writes nothing.</summary>
    public double? SecondsToLoss => SafeBytes is { } safe && BytesPerSecond > 0 ? Math.Max(0, safe / BytesPerSecond) : null;
}
