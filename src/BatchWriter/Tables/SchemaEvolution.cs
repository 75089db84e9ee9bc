using System.Globalization;
using Philotes.BatchWriter.Columns;
using Philotes.Hosting;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>
/// Brings a changelog table's schema to where rows of one source schema fit. Pure; a new table is the evolution of an empty one.
///
/// A changelog has the source's columns in the source's order, all optional, then ours. A source column without a field gets one, in front of ours.
/// A type that Iceberg can widen in place (int to long, float to double, a decimal to more digits) is widened. Any other change of type
/// gets a new field <c>name__v2</c>; the old one stays and is NULL from then on, and becomes the target again if the type comes back. A column
/// that the source dropped stays. So every schema that was ever captured can be written, in whatever order its batches come.
/// </summary>
internal sealed class SchemaEvolution
{
    private readonly TypeChoices _choices;
    private readonly List<string> _changes = [];
    private FieldRoles _roles;
    private int _lastId;

    private SchemaEvolution(TypeChoices choices, FieldRoles roles, int lastId)
    {
        _choices = choices;
        _roles = roles;
        _lastId = lastId;
    }

    public static ChangelogPlan Plan(
        IReadOnlyList<NestedField> current, FieldRoles roles, int lastColumnId, TableSchema source, TypeChoices choices, BeforeImage before)
    {
        var evolution = new SchemaEvolution(choices, roles, lastColumnId);
        var fields = evolution.AddSources([.. current], source.Columns, path: "");
        evolution.AddOurs(fields, BeforeColumns(source, before));
        return new ChangelogPlan(fields, evolution._roles, evolution._lastId, evolution._changes);
    }

    /// <summary>What <c>_cdc_before</c> holds. Under REPLICA IDENTITY FULL every column counts as sent, so no key is known from it.</summary>
    public static IReadOnlyList<ColumnSchema> BeforeColumns(TableSchema source, BeforeImage before) => (source.ReplicaIdentity, before) switch
    {
        ('f', BeforeImage.Full) => source.Columns,
        ('f', _) => [],
        _ => [.. source.Columns.Where(column => column.IsKey)],
    };

    /// <summary>The field that takes a source column's values, or null.</summary>
    public static NestedField? Target(IEnumerable<NestedField> fields, FieldRoles roles, string column, TypeMapping mapping) =>
        fields.Where(field => roles.Sources.GetValueOrDefault(field.Id) == column)
            .LastOrDefault(field => mapping.WriterInto(field.Type) is not null);

    private List<NestedField> AddSources(List<NestedField> fields, IReadOnlyList<ColumnSchema> columns, string path)
    {
        foreach (var column in columns)
        {
            var mapping = TypeMap.For(column.Type, _choices);
            if (Target(fields, _roles, column.Name, mapping) is null && !TryWiden(fields, column.Name, mapping, path))
                AddSource(fields, column.Name, mapping.Type, path);
        }

        return fields;
    }

    private bool TryWiden(List<NestedField> fields, string column, TypeMapping mapping, string path)
    {
        var index = fields.FindLastIndex(field => _roles.Sources.GetValueOrDefault(field.Id) == column && mapping.Widens(field.Type));
        if (index < 0)
            return false;
        _changes.Add($"{path}{fields[index].Name}: {fields[index].Type} becomes {mapping.Type}");
        fields[index] = fields[index] with { Type = mapping.Type };
        return true;
    }

    private void AddSource(List<NestedField> fields, string column, IcebergType type, string path)
    {
        var versions = fields.Count(field => _roles.Sources.GetValueOrDefault(field.Id) == column);
        var wanted = versions == 0 ? column : string.Create(CultureInfo.InvariantCulture, $"{column}__v{versions + 1}");
        var field = new NestedField(++_lastId, FieldNames.Free(wanted, fields.Select(other => other.Name)), Required: false, type);
        var ours = fields.FindIndex(other => _roles.Ours.ContainsValue(other.Id));
        fields.Insert(ours < 0 ? fields.Count : ours, field);
        _roles = _roles with { Sources = _roles.Sources.SetItem(field.Id, column) };
        _changes.Add($"{path}{field.Name}: new, {type}");
    }

    private void AddOurs(List<NestedField> fields, IReadOnlyList<ColumnSchema> before)
    {
        AddOurs(fields, OurColumns.Operation, required: true, () => new StringType());
        AddOurs(fields, OurColumns.Lsn, required: true, () => new LongType());
        AddOurs(fields, OurColumns.Sequence, required: true, () => new LongType());
        AddOurs(fields, OurColumns.Timestamp, required: true, () => new TimestampTzType());
        AddOurs(fields, OurColumns.Xid, required: false, () => new LongType());
        AddBefore(fields, before);
        AddOurs(fields, OurColumns.Unchanged, required: false, () => new ListType(++_lastId, new StringType(), ElementRequired: false));
    }

    private void AddOurs(List<NestedField> fields, string column, bool required, Func<IcebergType> type)
    {
        if (_roles.Ours.ContainsKey(column))
            return;
        var id = ++_lastId;
        var field = new NestedField(id, FieldNames.Free(column, fields.Select(other => other.Name)), required, type());
        fields.Add(field);
        _roles = _roles with { Ours = _roles.Ours.SetItem(column, id) };
        _changes.Add($"{field.Name}: new, {field.Type}");
    }

    private void AddBefore(List<NestedField> fields, IReadOnlyList<ColumnSchema> columns)
    {
        if (columns.Count == 0)
            return;
        if (!_roles.Ours.TryGetValue(OurColumns.Before, out var id))
        {
            AddOurs(fields, OurColumns.Before, required: false, () => new StructType(AddSources([], columns, OurColumns.Before + ".")));
            return;
        }

        var index = fields.FindIndex(field => field.Id == id);
        var children = AddSources([.. ((StructType)fields[index].Type).Fields], columns, fields[index].Name + ".");
        fields[index] = fields[index] with { Type = new StructType(children) };
    }
}
