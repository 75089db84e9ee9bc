using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>One attempt to copy a table.</summary>
/// <param name="Predicate">SQL that restricts the copy to some rows; null for all.</param>
public sealed record CopyTable(int TableId, TableName Name, uint RelationOid, int Attempt, string State, string? Predicate);
