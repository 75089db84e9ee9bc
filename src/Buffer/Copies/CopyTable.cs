using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>One attempt to copy a table.</summary>
/// <param name="Predicate">SQL that restricts the copy to some rows; null for all.</param>
/// <param name="Gone">Keys that are deleted in the lake unless the source has them, beside those rows: JSON, <c>[{"id": "60"}]</c>; null for none.</param>
public sealed record CopyTable(int TableId, TableName Name, uint RelationOid, int Attempt, string State, string? Predicate, string? Gone = null);
