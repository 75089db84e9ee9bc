namespace Philotes.Capture.Transactions;

/// <summary>A table under one schema version, as the buffer numbers them.</summary>
internal sealed record CapturedTable(int TableId, int SchemaId);
