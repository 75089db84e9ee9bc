using System.Globalization;
using Philotes.BatchWriter.Columns;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>
/// Brings a changelog table's schema to where rows of one source schema fit. Pure; a new table is the evolution of an empty one.
///
/// A changelog has the source's columns in the source's order, all optional, then ours. A field belongs to a column by its attribute number, not by its name:
/// <code>
/// column without a field      a new field, in front of ours
/// column with another name    its fields are renamed (FieldRenames)
/// type that Iceberg widens    int to long, float to double, a decimal to more digits: in place
/// type that the field holds   kept: int in long, and text of any kind in a string
/// any other type              on_type_change: a new field name__v2 and the old one is NULL from then on; or one of text; or the table is blocked
/// column that is gone         kept and NULL from then on, or removed (on_drop_column)
/// </code>
/// Names and types follow only a version that is newer than those the table has seen; an older one, written again, finds the fields that it had. What others did to the
/// table stays: fields that are not ours, names, comments, order.
/// </summary>
internal sealed class SchemaEvolution
{
    private readonly TableSchema _source;
    private readonly EvolutionRules _rules;
    private readonly bool _isNewer;
    private readonly List<string> _changes = [];
    private readonly List<SchemaNotice> _notices = [];
    private FieldRoles _roles;
    private int _lastId;

    private SchemaEvolution(TableSchema source, EvolutionRules rules, FieldRoles roles, int lastId)
    {
        _source = source;
        _rules = rules;
        _roles = roles;
        _lastId = lastId;
        _isNewer = source.Version == 0 || source.Version > roles.Version;
    }

    /// <exception cref="PhilotesException">PH201: a type changed and the table is to be blocked then.</exception>
    public static ChangelogPlan Plan(IReadOnlyList<NestedField> current, FieldRoles roles, int lastColumnId, TableSchema source, EvolutionRules rules)
    {
        var evolution = new SchemaEvolution(source, rules, roles, lastColumnId);
        var fields = evolution.Follow([.. current], source.Columns, path: "");
        evolution.AddOurs(fields, BeforeColumns(source, rules.Before));
        if (evolution._isNewer)
            evolution._roles = evolution._roles with { Version = source.Version };
        return new ChangelogPlan(fields, evolution._roles, evolution._lastId, evolution._changes, evolution._notices);
    }

    /// <summary>What <c>_cdc_before</c> holds. Under REPLICA IDENTITY FULL every column counts as sent, so no key is known from it.</summary>
    public static IReadOnlyList<ColumnSchema> BeforeColumns(TableSchema source, BeforeImage before) => (source.ReplicaIdentity, before) switch
    {
        ('f', BeforeImage.Full) => source.Columns,
        ('f', _) => [],
        _ => [.. source.Columns.Where(column => column.IsKey)],
    };

    /// <summary>The field that takes a source column's values: the newest that this version may write and whose type holds them; or null.</summary>
    public static NestedField? Target(IEnumerable<NestedField> fields, FieldRoles roles, TableSchema source, ColumnSchema column, TypeMapping mapping) =>
        roles.FieldsOf(fields, source, column)
            .Where(field => source.Version == 0 || roles.Sources[field.Id].Since <= source.Version)
            .LastOrDefault(field => WriterInto(roles, field, mapping) is not null);

    /// <summary>Who writes values of a type into a field that exists; null when it does not hold them.</summary>
    public static Func<ColumnWriter>? WriterInto(FieldRoles roles, NestedField field, TypeMapping mapping) =>
        roles.Sources[field.Id].AsText ? () => new TextColumn() : mapping.WriterInto(field.Type);

    /// <summary>A column's name, or that of its n-th field.</summary>
    public static string WantedName(string column, int version) =>
        version == 1 ? column : string.Create(CultureInfo.InvariantCulture, $"{column}__v{version}");

    private string LakeName(ColumnSchema column) => _rules.Choices.Of(column.Name).Name ?? column.Name;

    private List<NestedField> Follow(List<NestedField> fields, IReadOnlyList<ColumnSchema> columns, string path)
    {
        if (_isNewer)
        {
            Adopt(fields, columns, path);
            if (path.Length == 0)
                Remove(fields);
            var named = columns.Union(_source.Columns.Where(column => _roles.FieldsOf(fields, _source, column).Any())).ToList();
            _roles = new FieldRenames(fields, _roles, _source, named, LakeName).Apply(path, _changes);
        }

        foreach (var column in columns)
        {
            var mapping = TypeMap.For(column, _rules.Choices);
            if (Target(fields, _roles, _source, column, mapping) is { } target && !Narrows(target.Type, mapping.Type))
                Refit(fields, target, mapping, path);
            else if (!TryWiden(fields, column, mapping, path))
                AddSource(fields, column, mapping, path);
        }

        return fields;
    }

    /// <summary>A table that was dropped and created again, and is to go on in the same lake table, goes on in the fields of the same names and types.</summary>
    private void Adopt(List<NestedField> fields, IReadOnlyList<ColumnSchema> columns, string path)
    {
        foreach (var column in columns.Where(column => !_roles.FieldsOf(fields, _source, column).Any()))
        {
            var mapping = TypeMap.For(column, _rules.Choices);
            var earlier = fields.FindLast(field => _roles.Sources.TryGetValue(field.Id, out var role) && role.Incarnation < _source.Incarnation
                && role.Name == column.Name && (WriterInto(_roles, field, mapping) is not null || mapping.Widens(field.Type)));
            if (earlier is not null)
            {
                var role = _roles.Sources[earlier.Id] with { Number = column.Number, Incarnation = _source.Incarnation };
                _roles = _roles with { Sources = _roles.Sources.SetItem(earlier.Id, role) };
                _changes.Add($"{path}{earlier.Name}: goes on for incarnation {_source.Incarnation}");
            }
        }
    }

    private void Remove(List<NestedField> fields)
    {
        if (_rules.OnDropColumn != OnDropColumn.Drop)
            return;
        foreach (var field in fields.Where(field => _roles.Sources.TryGetValue(field.Id, out var role) && role.Incarnation == _source.Incarnation
            && _source.Dropped.Contains(role.Number) && !_rules.Pinned.Contains(field.Id)).ToList())
        {
            fields.Remove(field);
            _roles = _roles with { Sources = _roles.Sources.Remove(field.Id) };
            _changes.Add($"{field.Name}: removed");
        }
    }

    /// <summary>Fewer digits than the field has: the values fit, but it is another type, and what follows is the table's choice.</summary>
    private bool Narrows(IcebergType field, IcebergType column) =>
        _isNewer && field is DecimalType { Precision: var had } && column is DecimalType { Precision: var has } && has < had;

    /// <summary>Widens a field in place, or gives a struct the fields and names that its type has now. An older version finds everything and changes nothing.</summary>
    private void Refit(List<NestedField> fields, NestedField field, TypeMapping mapping, string path)
    {
        var writable = WriterInto(_roles, field, mapping) is not null;
        if ((writable && !_isNewer) || mapping.Fitted(field.Type, static () => 0) is not { } fitted || fitted == field.Type)
            return;
        fitted = mapping.Fitted(field.Type, () => ++_lastId)!;
        _changes.Add($"{path}{field.Name}: {field.Type} becomes {fitted}");
        fields[fields.IndexOf(field)] = field with { Type = fitted };
    }

    private bool TryWiden(List<NestedField> fields, ColumnSchema column, TypeMapping mapping, string path)
    {
        var newest = _roles.FieldsOf(fields, _source, column).LastOrDefault(field => mapping.Widens(field.Type));
        if (newest is null)
            return false;
        Refit(fields, newest, mapping, path);
        return true;
    }

    private void AddSource(List<NestedField> fields, ColumnSchema column, TypeMapping mapping, string path)
    {
        var earlier = _roles.FieldsOf(fields, _source, column).LastOrDefault();
        var version = earlier is null ? 1 : _roles.Sources[earlier.Id].Version + 1;
        var name = FieldNames.Free(WantedName(LakeName(column), version), fields, mapping.Type);
        var asText = earlier is not null && Decide(earlier, name, column, mapping.Type, isTop: path.Length == 0);
        var id = ++_lastId;
        var field = new NestedField(id, name, Required: false, asText ? new StringType() : mapping.NewType(() => ++_lastId));
        var ours = fields.FindIndex(other => _roles.Ours.ContainsValue(other.Id));
        fields.Insert(ours < 0 ? fields.Count : ours, field);
        var role = new SourceField(
            column.Name, column.Number, _source.Incarnation, version, _source.Version, name, asText);
        _roles = _roles with { Sources = _roles.Sources.SetItem(field.Id, role) };
        _changes.Add($"{path}{field.Name}: new, {field.Type}");
    }

    /// <summary>Whether the field that takes over from <paramref name="earlier"/> is one of text, whatever the column's type.</summary>
    private bool Decide(NestedField earlier, string name, ColumnSchema column, IcebergType type, bool isTop)
    {
        var what = $"Column {column.Name} of {_source.Name} is {column.Type} now, {type} in the lake; its lake column {earlier.Name} is {earlier.Type}, and Iceberg cannot change one into the other.";
        if (_rules.OnTypeChange == OnTypeChange.Block)
        {
            throw new PhilotesException("PH201",
                $"{what} on_type_change is block: nothing more is written to this table. Set it to new-column or string for this table, then: philotes tables resume {_source.Name}");
        }

        var asText = _rules.OnTypeChange == OnTypeChange.String;
        if (isTop)
        {
            _notices.Add(new SchemaNotice(column.Name, "PH201",
                $"{what} {earlier.Name} stays as it is and is NULL from here on; {name}, {(asText ? new StringType() : type)}, goes on (on_type_change: {(asText ? "string" : "new-column")})."));
        }

        return asText;
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
        var own = type();
        var field = new NestedField(id, FieldNames.Free(column, fields, own), required, own);
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
            AddOurs(fields, OurColumns.Before, required: false, () => new StructType(Follow([], columns, OurColumns.Before + ".")));
            return;
        }

        var index = fields.FindIndex(field => field.Id == id);
        var children = Follow([.. ((StructType)fields[index].Type).Fields], columns, fields[index].Name + ".");
        fields[index] = fields[index] with { Type = new StructType(children) };
    }
}
