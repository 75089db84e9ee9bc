using Philotes.DuckDb;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>How one column is spelled for comparison on both sides.</summary>
/// <param name="Source">An expression over the source's column; null for NULL and for what the lake cannot hold.</param>
/// <param name="Lake">An expression over the field's vector, named <c>c</c> and its id.</param>
/// <param name="IsLong">May be stored out of line at the source, so an update may leave it out.</param>
/// <param name="SourceType">In the words of format_type.</param>
internal sealed record VerifiedColumn(string Name, int FieldId, string LakeType, string Source, string Lake, bool IsKey, bool IsLong, string SourceType)
{
    /// <summary>Null where there is no common spelling: the column is not compared, and said so.</summary>
    public static VerifiedColumn? Of(ColumnSchema column, NestedField field)
    {
        var source = SqlText.Identifier(column.Name);
        var lake = FormattableString.Invariant($"c{field.Id}");
        var isLong = field.Type is StringType or BinaryType or ListType or StructType or MapType;
        return ValueSpelling.Of(PostgresType.Parse(column.Type), field.Type, source, lake, digest: isLong && !column.IsKey) is { } way
            ? new VerifiedColumn(column.Name, field.Id, way.LakeType, way.Source, way.Lake, column.IsKey, isLong, column.Type)
            : null;
    }
}
