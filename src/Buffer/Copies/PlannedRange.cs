namespace Philotes.Buffer;

/// <summary>A range before it has a number. <paramref name="Bytes"/> is what it is expected to read, TOAST included.</summary>
public sealed record PlannedRange(uint Relation, long FirstBlock, long? EndBlock, long Bytes);
