namespace Philotes.Buffer;

/// <summary>An event that its batch is committed without.</summary>
/// <param name="KeyHash">Which key it belongs to: later events of the key are parked too. Null where the table has none.</param>
public sealed record ParkedEvent(int Generation, long Chunk, int Ordinal, string Code, string Text, byte[]? KeyHash);
