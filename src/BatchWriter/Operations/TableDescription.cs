using Philotes.BatchWriter.Columns;
using Philotes.BatchWriter.Tables;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>A table as the buffer and the lake know it: which column is which, what becomes of its changes, and how it came to be so.</summary>
/// <param name="Name">The name it was first seen by; the lake's follows from it.</param>
/// <param name="NameNow">Its name in the last version.</param>
/// <param name="LakeTable">namespace.table.</param>
/// <param name="History">Oldest first.</param>
public sealed record TableDescription(
    TableName Name, TableName NameNow, int Incarnation, char ReplicaIdentity, string LakeTable, TableSettings Settings,
    IReadOnlyList<DescribedColumn> Columns, IReadOnlyList<DescribedVersion> History)
{
    /// <summary>Values that the lake's columns cannot hold: NULL there, and kept in <c>philotes.value_exception</c>.</summary>
    public long ReplacedValues { get; init; }

    /// <param name="tableId">The buffer's number of the table.</param>
    public static async Task<TableDescription> ReadAsync(PhilotesOptions options, int tableId, CancellationToken cancellationToken)
    {
        await using var session = LakeSession.Open(options);
        var table = await session.Buffer.Ledger.TableAsync(tableId, cancellationToken);
        var settings = options.For(table.TableName.Schema, table.TableName.Table)
            ?? throw new PhilotesException("PH203", $"No rule under 'tables' matches {table.TableName}. Add a rule to see where its changes go.");
        if (table.Incarnation > 1 && settings.OnRecreate == OnRecreate.NewTable)
            settings = settings.ForIncarnation(table.Incarnation);
        var history = await session.Buffer.Registry.HistoryAsync(tableId, cancellationToken);
        if (history.Count == 0)
            throw new PhilotesException("PH014", $"The buffer has no schema of {table.TableName} yet: none of its changes has come.");
        var lake = await session.FindTableAsync(settings, cancellationToken);
        var roles = lake is not null && lake.Metadata.Properties.TryGetValue(FieldRoles.Property, out var json) ? FieldRoles.Parse(json) : FieldRoles.Empty;
        var now = history[^1].Schema;
        return new TableDescription(
            table.TableName, now.Name, table.Incarnation, now.ReplicaIdentity, $"{settings.LakeNamespace}.{settings.LakeTable}", settings,
            Describe(now, lake?.Metadata.Schema.Fields ?? [], roles, TypeChoices.From(settings)),
            [.. history.Select((version, i) => new DescribedVersion(
                version.Schema.Version, version.ValidFrom, VersionChanges.Between(i == 0 ? null : history[i - 1].Schema, version.Schema), version.Notices))]);
    }

    private static List<DescribedColumn> Describe(TableSchema now, IReadOnlyList<NestedField> fields, FieldRoles roles, TypeChoices choices)
    {
        var targets = now.Columns.ToDictionary(
            column => column, column => SchemaEvolution.Target(fields, roles, now, column, TypeMap.For(column, choices)));
        var described = now.Columns.Select(column => new DescribedColumn(
            column.Name, column.Number, column.Type, column.IsKey, targets[column]?.Name, targets[column]?.Id, targets[column]?.Type.ToString(), "captured")).ToList();
        var taken = targets.Values.OfType<NestedField>().Select(field => field.Id).ToHashSet();
        described.AddRange(fields.Where(field => !taken.Contains(field.Id)).Select(field => roles.Sources.TryGetValue(field.Id, out var role)
            ? new DescribedColumn(role.Name, role.Number, SourceType: null, IsKey: false, field.Name, field.Id, field.Type.ToString(), "kept")
            : new DescribedColumn(null, null, null, IsKey: false, field.Name, field.Id, field.Type.ToString(), roles.Ours.ContainsValue(field.Id) ? "ours" : "other")));
        return described;
    }
}
