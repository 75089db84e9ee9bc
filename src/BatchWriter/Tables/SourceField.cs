using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>What a field of a lake table takes from the source.</summary>
/// <param name="Name">The column's name at the source, last known.</param>
/// <param name="Number">Its attribute number; 0 when unknown.</param>
/// <param name="Incarnation">Which of the tables of that name it belongs to: numbers begin anew with each.</param>
/// <param name="Version">1, or n for the field <c>name__vn</c> of a column whose type Iceberg could not follow.</param>
/// <param name="Since">The schema version that the field was made for; older ones are not written to it.</param>
/// <param name="Given">The name that it got from us: if it has another, somebody renamed it in the lake, and it keeps that.</param>
/// <param name="AsText">It takes the text of any type: what <c>on_type_change: string</c> made of a change that Iceberg could not follow.</param>
internal sealed record SourceField(string Name, int Number, int Incarnation, int Version, int Since, string Given, bool AsText)
{
    /// <summary>Whether it takes values of this column: the same number, or where one is unknown the same name.</summary>
    public bool Takes(TableSchema source, ColumnSchema column) => Incarnation == source.Incarnation
        && (Number > 0 && column.Number > 0 ? Number == column.Number : string.Equals(Name, column.Name, StringComparison.Ordinal));
}
