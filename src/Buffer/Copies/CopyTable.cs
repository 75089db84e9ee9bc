using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>One attempt to copy a table.</summary>
/// <param name="Predicate">SQL that restricts the copy to some rows; null for all.</param>
/// <param name="Gone">Keys that are deleted in the lake unless the source has them, beside those rows: JSON, <c>[{"id": "60"}]</c>; null for none.</param>
/// <param name="Whole">A person asked for it, of all rows: it replaces what the lake has in one commit, whatever its size.</param>
/// <param name="NeedsBytes">Of the buffer, as an attempt that was taken back has shown; null where none was.</param>
public sealed record CopyTable(int TableId, TableName Name, uint RelationOid, int Attempt, string State, string? Predicate, string? Gone = null, bool Whole = false, long? NeedsBytes = null);
