using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>A source table as the buffer knows it.</summary>
/// <param name="TableName">The name under which it was first seen; later names stand in the schema versions.</param>
/// <param name="Incarnation">Counts the tables of this name: dropped and created again is the next one.</param>
public sealed record BufferedTable(int TableId, TableName TableName, string SourceName, int Incarnation);
