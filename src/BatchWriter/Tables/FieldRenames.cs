using System.Globalization;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>
/// Gives the fields of one level the names of a newer source schema, all at once, so that columns can swap names. A column keeps its field
/// whatever it is called. The field of a column that is gone makes room for a new one of its name and is <c>name__dropped_n</c> from then on; one of
/// ours makes room with a suffix. A field that somebody renamed in the lake keeps that name.
/// </summary>
/// <param name="lakeName">What a column is called in the lake, if nothing has the name.</param>
internal sealed class FieldRenames(
    List<NestedField> fields, FieldRoles roles, TableSchema source, IReadOnlyList<ColumnSchema> columns, Func<ColumnSchema, string> lakeName)
{
    private readonly Dictionary<int, string> _wanted = [];
    private readonly List<string> _changes = [];
    private FieldRoles _roles = roles;

    /// <summary>Renames in place. Returns the roles under the new names; what changed stands in <paramref name="changes"/>.</summary>
    public FieldRoles Apply(string path, List<string> changes)
    {
        var claimed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            var own = _roles.FieldsOf(fields, source, column).ToList();
            if (own.Count == 0)
                claimed.Add(lakeName(column));
            foreach (var field in own)
                Follow(field, column, claimed);
        }

        MakeRoom(claimed);
        Rename();
        changes.AddRange(_changes.Select(change => path + change));
        return _roles;
    }

    private void Follow(NestedField field, ColumnSchema column, HashSet<string> claimed)
    {
        var role = _roles.Sources[field.Id];
        if (role.Name == column.Name && (role.Number > 0 || column.Number == 0))
            return;
        _roles = _roles with { Sources = _roles.Sources.SetItem(field.Id, role with { Name = column.Name, Number = column.Number }) };
        if (role.Name == column.Name || field.Name != role.Given)
            return;
        _wanted[field.Id] = SchemaEvolution.WantedName(lakeName(column), role.Version);
        claimed.Add(_wanted[field.Id]);
    }

    private void MakeRoom(HashSet<string> claimed)
    {
        foreach (var field in fields.Where(field => claimed.Contains(field.Name) && !_wanted.ContainsKey(field.Id)))
        {
            if (_roles.Ours.ContainsValue(field.Id))
                _wanted[field.Id] = field.Name;
            else if (_roles.Sources.TryGetValue(field.Id, out var role) && !columns.Any(column => role.Takes(source, column)))
                _wanted[field.Id] = DroppedName(field.Name);
        }
    }

    private string DroppedName(string name)
    {
        for (var n = 1; ; n++)
        {
            var candidate = string.Create(CultureInfo.InvariantCulture, $"{name}__dropped_{n}");
            if (fields.All(field => field.Name != candidate) && !_wanted.ContainsValue(candidate))
                return candidate;
        }
    }

    /// <summary>Source columns choose first, then ours.</summary>
    private void Rename()
    {
        var taken = fields.Where(field => !_wanted.ContainsKey(field.Id)).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        taken.UnionWith(columns.Where(column => !_roles.FieldsOf(fields, source, column).Any()).Select(lakeName));
        foreach (var (id, wanted) in _wanted.OrderBy(entry => _roles.Ours.ContainsValue(entry.Key)).ThenBy(entry => entry.Key))
        {
            var index = fields.FindIndex(field => field.Id == id);
            var name = FieldNames.Free(wanted, taken);
            taken.Add(name);
            if (_roles.Sources.TryGetValue(id, out var role))
                _roles = _roles with { Sources = _roles.Sources.SetItem(id, role with { Given = name }) };
            if (name == fields[index].Name)
                continue;
            _changes.Add($"{fields[index].Name} becomes {name}");
            fields[index] = fields[index] with { Name = name };
        }
    }
}
