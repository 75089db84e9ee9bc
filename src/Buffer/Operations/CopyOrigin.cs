using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>Where a copy has an event from.</summary>
/// <param name="Point">Of the snapshot: the row is as it was at this position of the log.</param>
/// <param name="Range">Number of the part, from 1; 0 is the truncate that a copy which replaces begins with.</param>
/// <param name="Relation">The table that was read, or its partition; null when a later attempt of the copy has taken the part's place.</param>
/// <param name="EndBlock">Behind the last one; null for all that follow.</param>
public sealed record CopyOrigin(Lsn Point, long Range, uint? Relation, long? FirstBlock, long? EndBlock);
