using Philotes.Capture.Decoding;

namespace Philotes.Capture.Copy;

/// <summary>A table as the stream would describe it, and what stands in the way of copying it.</summary>
/// <param name="Numbers">pg_attribute.attnum of each column.</param>
/// <param name="Conditions">SQL that a row must fulfil to be published.</param>
/// <param name="MayRead">The role has SELECT.</param>
/// <param name="HidesRows">Row security would hide rows from the role.</param>
internal sealed record CopyDescription(RelationMessage Relation, IReadOnlyList<int> Numbers, IReadOnlyList<string> Conditions, bool MayRead, bool HidesRows);
