using Philotes.Buffer;
using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>A version of a table whose columns have their attribute numbers.</summary>
/// <param name="Numbers">One per column.</param>
/// <param name="Types">The words of each column's type, as the catalog resolved them then.</param>
/// <param name="Dropped">Numbers that earlier versions had and that are gone for good.</param>
internal sealed record NumberedRelation(IReadOnlyList<RelationColumn> Columns, IReadOnlyList<int> Numbers, IReadOnlyList<string> Types, IReadOnlyList<int> Dropped)
{
    /// <summary>From what the buffer has; null where it has no version or one without numbers.</summary>
    public static NumberedRelation? Of(SchemaVersion? version)
    {
        if (version is null || version.Schema.Columns.Any(column => column.Number == 0))
        {
            return null;
        }

        var columns = version.Schema.Columns;
        var described = version.RelationMessage.Length == 0 ? null : PgOutputDecoder.Relation(version.RelationMessage).Columns;
        return new NumberedRelation(
            described?.Count == columns.Count ? described : [.. columns.Select(column => new RelationColumn(column.Name, column.IsKey, TypeOid: 0, TypeModifier: -1))],
            [.. columns.Select(column => column.Number)], [.. columns.Select(column => column.Type)], version.Schema.Dropped);
    }

    public Dictionary<int, RelationColumn> ByNumber() => Numbers.Zip(Columns).ToDictionary(pair => pair.First, pair => pair.Second);

    public IReadOnlyList<ColumnSchema> ToColumns() =>
        [.. Columns.Select((column, i) => new ColumnSchema(column.Name, Types[i], column.IsKey) { Number = Numbers[i] })];
}
