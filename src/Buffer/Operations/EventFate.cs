namespace Philotes.Buffer.Operations;

/// <summary>What stands decided about an event that could not be written.</summary>
/// <param name="Resolution">Null: it waits; skip: written off; rewritten: <paramref name="Rewritten"/> takes its place.</param>
public sealed record EventFate(long Chunk, int Ordinal, string? Resolution, byte[]? Rewritten);
