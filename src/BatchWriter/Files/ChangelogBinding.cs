using Philotes.BatchWriter.Columns;
using Philotes.BatchWriter.Tables;
using Philotes.Hosting;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>Joins one source schema's columns with the vectors of a changelog table's schema. Made per batch, because writers keep buffers.</summary>
/// <param name="Idle">Vectors that no column of this source schema fills: NULL in every row.</param>
internal sealed record ChangelogBinding(
    SourceColumn[] Columns,
    IReadOnlyList<int> Idle,
    int Operation,
    int Lsn,
    int Sequence,
    int Timestamp,
    int Xid,
    int Before,
    int Unchanged)
{
    /// <exception cref="PhilotesException">PH201: the table lacks a field that it was evolved to have.</exception>
    public static ChangelogBinding Of(IcebergSchema table, FieldRoles roles, TableSchema source, TableSettings settings)
    {
        var choices = TypeChoices.From(settings);
        var inBefore = SchemaEvolution.BeforeColumns(source, settings.Before).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var beforeIndex = Ours(OurColumns.Before);
        var beforeFields = beforeIndex < 0 ? [] : ((StructType)table.Fields[beforeIndex].Type).Fields;
        var columns = source.Columns.Select(Bind).ToArray();
        var filled = columns.Select(column => column.Vector).ToHashSet();
        var idle = Enumerable.Range(0, table.Fields.Count)
            .Where(i => !filled.Contains(i) && !roles.Ours.ContainsValue(table.Fields[i].Id)).ToArray();
        return new ChangelogBinding(columns, idle, Ours(OurColumns.Operation), Ours(OurColumns.Lsn), Ours(OurColumns.Sequence),
            Ours(OurColumns.Timestamp), Ours(OurColumns.Xid), beforeIndex, Ours(OurColumns.Unchanged));

        int Ours(string column) => roles.Ours.TryGetValue(column, out var id) ? IndexOf(table.Fields, id) : -1;

        SourceColumn Bind(ColumnSchema column)
        {
            var mapping = TypeMap.For(column, choices);
            var target = SchemaEvolution.Target(table.Fields, roles, source, column, mapping) ?? throw Missing(column);
            var old = inBefore.Contains(column.Name) ? SchemaEvolution.Target(beforeFields, roles, source, column, mapping) : null;
            return new SourceColumn(column.Name, IndexOf(table.Fields, target.Id), SchemaEvolution.WriterInto(roles, target, mapping)!(),
                old is null ? -1 : IndexOf(beforeFields, old.Id), old is null ? null : SchemaEvolution.WriterInto(roles, old, mapping)!(),
                settings.Columns.GetValueOrDefault(column.Name)?.OnOutside ?? settings.OnOutside);
        }
    }

    private static int IndexOf(IReadOnlyList<NestedField> fields, int id)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].Id == id)
                return i;
        }

        return -1;
    }

    private static PhilotesException Missing(ColumnSchema column) => new("PH201",
        $"The lake's table has no field for column '{column.Name}' of type {column.Type}. Restore its table property {FieldRoles.Property}, or create the table again.");
}
