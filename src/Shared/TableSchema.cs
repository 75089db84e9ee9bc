namespace Philotes.Shared;

/// <summary>One version of one table's columns, in the order of the tuples captured under it. Immutable.</summary>
/// <param name="RelationOid">The table's OID at the source: the identity that survives a rename.</param>
/// <param name="ReplicaIdentity">pg_class.relreplident: <c>d</c> default, <c>i</c> index, <c>f</c> full, <c>n</c> nothing.</param>
public sealed record TableSchema(uint RelationOid, TableName Name, char ReplicaIdentity, IReadOnlyList<ColumnSchema> Columns);
