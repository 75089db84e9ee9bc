namespace Philotes.Shared;

/// <summary>One version of one table's columns, in the order of the tuples captured under it. Immutable.</summary>
/// <param name="RelationOid">The table's OID at the source: the identity that survives a rename.</param>
/// <param name="ReplicaIdentity">pg_class.relreplident: <c>d</c> default, <c>i</c> index, <c>f</c> full, <c>n</c> nothing.</param>
public sealed record TableSchema(uint RelationOid, TableName Name, char ReplicaIdentity, IReadOnlyList<ColumnSchema> Columns)
{
    /// <summary>The buffer's number of this version: of two versions of a table, the one with the higher number came later in the stream. 0 before it has one.</summary>
    public int Version { get; init; }

    /// <summary>Which of the source's tables of this name it is, from 1: attribute numbers begin anew with each.</summary>
    public int Incarnation { get; init; } = 1;

    /// <summary>Numbers of columns that earlier versions had and that the source has dropped; a column that is only not published any more is not among them.</summary>
    public IReadOnlyList<int> Dropped { get; init; } = [];
}
