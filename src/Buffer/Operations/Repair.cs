namespace Philotes.Buffer.Operations;

/// <summary>Dead letters on their way into the lake.</summary>
/// <param name="Items">JSON: <c>[{"chunk": …, "ord": …}]</c>.</param>
/// <param name="Files">What was staged; null before.</param>
public sealed record Repair(long RepairId, string Resolution, string Items, string? Files, long? SnapshotId, Guid? RequestId);
