namespace Philotes.Capture.Transactions;

/// <summary>A table under one schema version, as the buffer numbers them.</summary>
/// <param name="Mask">Rewrites its rows before they are buffered; null when they go as they came.</param>
/// <param name="Shape">What its composite values look like; null without any.</param>
internal sealed record CapturedTable(int TableId, int SchemaId, TupleMask? Mask = null, CompositeShape? Shape = null);
