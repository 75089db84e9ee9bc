using Philotes.BatchWriter.Columns;
using Philotes.DuckDb;
using Philotes.BatchWriter.Tables;
using Philotes.Hosting;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>Which columns of a table are compared, and where they are in the lake.</summary>
/// <param name="NotCompared">Columns without a common spelling, such as lists.</param>
/// <param name="Before">The field of the old key; null where the table has none.</param>
/// <param name="BeforeNames">Key column's field id to its name within that field.</param>
internal sealed record TableShape(
    TableName Name, IReadOnlyList<VerifiedColumn> Columns, IReadOnlyList<string> NotCompared, NestedField? Before, IReadOnlyDictionary<int, string> BeforeNames,
    FieldRoles Roles, IcebergSchema Lake)
{
    /// <summary>PH018: the table has no key, so its rows cannot be told apart.</summary>
    public static TableShape Of(IcebergSchema lake, FieldRoles roles, TableSchema source, TableSettings settings)
    {
        if (source.ReplicaIdentity == 'f' || !source.Columns.Any(column => column.IsKey))
            throw new PhilotesException("PH018", $"Table {source.Name} sends no key with its changes (replica identity {source.ReplicaIdentity}), so its rows cannot be compared one by one. 'philotes verify lake' compares the lake with the buffer.");
        var choices = TypeChoices.From(settings);
        var beforeField = roles.Ours.TryGetValue(OurColumns.Before, out var id) ? lake.Fields.FirstOrDefault(field => field.Id == id) : null;
        var columns = new List<VerifiedColumn>();
        var skipped = new List<string>();
        var beforeNames = new Dictionary<int, string>();
        foreach (var column in source.Columns)
        {
            var mapping = TypeMap.For(column, choices);
            var field = SchemaEvolution.Target(lake.Fields, roles, source, column, mapping);
            if (field is null || settings.Columns.GetValueOrDefault(column.Name)?.Mask is not null || VerifiedColumn.Of(column, field) is not { } verified)
            {
                skipped.Add(column.Name);
                continue;
            }

            columns.Add(verified);
            if (column.IsKey && beforeField?.Type is StructType before && SchemaEvolution.Target(before.Fields, roles, source, column, mapping) is { } old)
                beforeNames[field.Id] = old.Name;
        }

        var keys = source.Columns.Where(column => column.IsKey).Select(column => column.Name);
        if (keys.Intersect(skipped).FirstOrDefault() is { } lost)
            throw new PhilotesException("PH018", $"The key column {lost} of {source.Name} has no spelling in which both sides can be compared.");
        var hasBefore = beforeField is not null && beforeNames.Count == columns.Count(column => column.IsKey);
        return new TableShape(source.Name, columns, skipped, hasBefore ? beforeField : null, beforeNames, roles, lake);
    }

    /// <summary>The columns that a comparison of this depth needs.</summary>
    public TableShape To(VerificationDepth depth) => depth == VerificationDepth.Hashes ? this : this with { Columns = [.. Columns.Where(column => column.IsKey)], NotCompared = [] };

    /// <summary>The fields by id for DuckDB's reader, whatever a file calls them.</summary>
    public string ReadSchema()
    {
        List<string> fields = [.. Columns.Select(column => Field(column.FieldId, $"c{column.FieldId}", column.LakeType))];
        fields.Add(Field(Roles.Ours[OurColumns.Operation], "op", "VARCHAR"));
        fields.Add(Field(Roles.Ours[OurColumns.Lsn], "lsn", "BIGINT"));
        fields.Add(Field(Roles.Ours[OurColumns.Sequence], "seq", "BIGINT"));
        fields.Add(Field(Roles.Ours[OurColumns.Unchanged], "u", "VARCHAR[]"));
        if (Before is { } before)
        {
            var members = Columns.Where(column => column.IsKey).Select(column => $"{SqlText.Identifier(BeforeNames[column.FieldId])} {column.LakeType}");
            fields.Add(Field(before.Id, "b", $"STRUCT({string.Join(", ", members)})"));
        }

        return string.Join(", ", fields);
    }

    private static string Field(int id, string name, string type) =>
        FormattableString.Invariant($"{id}: {{name: {SqlText.Literal(name)}, type: {SqlText.Literal(type)}, default_value: null::varchar}}");
}
