using Philotes.BatchWriter.Columns;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>
/// Finds, makes and evolves the lake's tables. Every step is a compare-and-swap at the catalog, so any number of writers may do it at once, and a crash
/// at any place is found again by the next load.
/// </summary>
internal sealed class TargetTables(RestCatalog catalog, TableCreation creation, WriterMetrics metrics)
{
    private const int RaceMax = 10;

    /// <exception cref="PhilotesException">PH220 another source table is there, PH304 not a table of ours, PH305 the catalog refused.</exception>
    public async Task<TargetTable> EnsureAsync(BufferedTable source, TableSchema schema, TableSettings settings, CancellationToken cancellationToken)
    {
        var name = new TableIdentifier(NamespaceName.Parse(settings.LakeNamespace), settings.LakeTable);
        var choices = TypeChoices.From(settings.Types);
        for (var race = 0; race < RaceMax; race++)
        {
            var loaded = await catalog.FindTableAsync(name, cancellationToken)
                ?? await creation.CreateAsync(name, source, schema, settings, choices, cancellationToken);
            if (loaded is null)
                continue;
            RequireOurs(loaded, source);
            var roles = RolesOf(loaded, schema, settings, choices);
            if (loaded.Metadata.CurrentSnapshotId is null)
            {
                await creation.AddFirstSnapshotAsync(loaded, source, roles, cancellationToken);
                continue;
            }

            var plan = SchemaEvolution.Plan(loaded.Metadata.Schema.Fields, roles, loaded.Metadata.LastColumnId, schema, choices, settings.Before);
            if (plan.Changes.Count == 0)
                return new TargetTable(loaded, roles, TargetTable.Find(loaded, loaded.Metadata.DefaultSpecId));
            await EvolveAsync(loaded, plan, cancellationToken);
        }

        throw new PhilotesException("PH301", $"Table {name} kept changing while its schema was brought up to date. It is tried again; check what else changes it.");
    }

    private async Task EvolveAsync(LoadedTable loaded, ChangelogPlan plan, CancellationToken cancellationToken)
    {
        var table = loaded.Metadata;
        var next = new IcebergSchema(NextSchemaId(loaded), plan.Fields, table.Schema.IdentifierFieldIds);
        var outcome = await catalog.CommitAsync(new CommitRequest(
            loaded.Identifier,
            [
                new TableRequirement.AssertTableUuid(table.TableUuid),
                new TableRequirement.AssertCurrentSchemaId(table.CurrentSchemaId),
                new TableRequirement.AssertLastAssignedFieldId(table.LastColumnId),
            ],
            [
                new TableUpdate.AddSchema(next, plan.LastColumnId),
                new TableUpdate.SetCurrentSchema(TableUpdate.LastAdded),
                new TableUpdate.SetProperties(new Dictionary<string, string> { [FieldRoles.Property] = plan.Roles.ToJson() }),
            ]), cancellationToken);
        Outcomes.Require(outcome, $"change the schema of {loaded.Identifier} ({string.Join("; ", plan.Changes)})");
        metrics.SchemaChanged();
    }

    private static void RequireOurs(LoadedTable loaded, BufferedTable source)
    {
        var holds = loaded.Metadata.Properties.GetValueOrDefault(TableProperties.Source)
            ?? throw new PhilotesException("PH304", $"Table {loaded.Identifier} exists and was not made by Philotes. Rename it, or choose other names with lake.namespace and lake.table.");
        if (holds != TableProperties.SourceOf(source))
            throw new PhilotesException("PH220", $"Table {loaded.Identifier} holds {holds} and cannot hold {TableProperties.SourceOf(source)} too. Give one of them another name with lake.namespace and lake.table.");
    }

    /// <summary>The pinned roles; of a table whose maker died before it pinned them, those it would have pinned.</summary>
    private static FieldRoles RolesOf(LoadedTable loaded, TableSchema schema, TableSettings settings, TypeChoices choices)
    {
        if (loaded.Metadata.Properties.TryGetValue(FieldRoles.Property, out var json))
            return FieldRoles.Parse(json);
        var plan = SchemaEvolution.Plan([], FieldRoles.Empty, lastColumnId: 0, schema, choices, settings.Before);
        var names = loaded.Metadata.Schema.AllFields().Select(field => field.Name);
        var planned = new IcebergSchema(0, plan.Fields);
        return names.SequenceEqual(planned.AllFields().Select(field => field.Name))
            ? plan.Roles.Renumber(planned, loaded.Metadata.Schema)
            : throw new PhilotesException("PH304", $"Table {loaded.Identifier} has no property {FieldRoles.Property}, and its columns are not those of {schema.Name}. Restore the property, or drop the table to have it made again.");
    }

    private static int NextSchemaId(LoadedTable loaded) =>
        loaded.Metadata.Document.GetProperty("schemas").EnumerateArray().Select(schema => schema.GetProperty("schema-id").GetInt32()).Max() + 1;
}
