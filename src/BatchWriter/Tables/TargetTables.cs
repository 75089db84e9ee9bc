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
internal sealed class TargetTables(
    RestCatalog catalog, TableCreation creation, Func<int, IReadOnlyList<SchemaNotice>, CancellationToken, Task> note, WriterMetrics metrics)
{
    private const int RaceMax = 10;

    /// <param name="isBegun">Batches of this source table were committed before: its lake table must be there.</param>
    /// <exception cref="PhilotesException">PH201 a change of type that is to block, PH220 another source table is there, PH304 gone, or not a table of ours any more, PH305 the catalog refused.</exception>
    public async Task<TargetTable> EnsureAsync(
        BufferedTable source, TableSchema schema, TableSettings settings, bool isBegun, CancellationToken cancellationToken)
    {
        var name = NameOf(settings);
        for (var race = 0; race < RaceMax; race++)
        {
            var loaded = await catalog.FindTableAsync(name, cancellationToken);
            if (loaded is null)
            {
                RequireNotBegun(name, isBegun);
                loaded = await creation.CreateAsync(name, source, schema, settings, cancellationToken);
            }

            if (loaded is null)
                continue;
            RequireOurs(loaded, source);
            var roles = RolesOf(loaded, schema, settings);
            RequireOurColumns(loaded, roles);
            if (loaded.Metadata.CurrentSnapshotId is null)
            {
                await creation.AddFirstSnapshotAsync(loaded, source, roles, cancellationToken);
                continue;
            }

            var plan = SchemaEvolution.Plan(loaded.Metadata.Schema.Fields, roles, loaded.Metadata.LastColumnId, schema, EvolutionRules.Of(settings, Pinned(loaded)));
            if (plan.Changes.Count == 0 && plan.Roles.IsLike(roles))
                return new TargetTable(loaded, roles, TargetTable.Find(loaded, loaded.Metadata.DefaultSpecId));
            await EvolveAsync(loaded, plan, schema, cancellationToken);
        }

        throw new PhilotesException("PH301", $"Table {name} kept changing while its schema was brought up to date. It is tried again; check what else changes it.");
    }

    /// <summary>The lake's table of a source table.</summary>
    public static TableIdentifier NameOf(TableSettings settings) => new(NamespaceName.Parse(settings.LakeNamespace), settings.LakeTable);

    /// <summary>
    /// Notices first, then one compare-and-swap of schema and roles. A crash in between, or an answer that was lost, is found by the next load: the plan is then
    /// empty if the change is in, and the same if it is not.
    /// </summary>
    private async Task EvolveAsync(LoadedTable loaded, ChangelogPlan plan, TableSchema source, CancellationToken cancellationToken)
    {
        await note(source.Version, plan.Notices, cancellationToken);
        await Failpoints.HitAsync("wr.before_schema_commit", cancellationToken);
        var table = loaded.Metadata;
        var roles = new TableUpdate.SetProperties(new Dictionary<string, string> { [FieldRoles.Property] = plan.Roles.ToJson() });
        var next = new IcebergSchema(NextSchemaId(loaded), plan.Fields, table.Schema.IdentifierFieldIds);
        var outcome = await catalog.CommitAsync(new CommitRequest(
            loaded.Identifier,
            [
                new TableRequirement.AssertTableUuid(table.TableUuid),
                new TableRequirement.AssertCurrentSchemaId(table.CurrentSchemaId),
                new TableRequirement.AssertLastAssignedFieldId(table.LastColumnId),
            ],
            plan.Changes.Count == 0 ? [roles] : [new TableUpdate.AddSchema(next, plan.LastColumnId), new TableUpdate.SetCurrentSchema(TableUpdate.LastAdded), roles]),
            cancellationToken);
        await Failpoints.HitAsync("wr.schema_response_lost", cancellationToken);
        Outcomes.Require(outcome, $"change the schema of {loaded.Identifier} ({string.Join("; ", plan.Changes)})");
        await Failpoints.HitAsync("wr.after_schema_commit", cancellationToken);
        metrics.SchemaChanged();
    }

    private static void RequireNotBegun(TableIdentifier name, bool isBegun)
    {
        if (isBegun)
        {
            throw new PhilotesException("PH304", $"Table {name} holds changes that were committed before and is not in the catalog any more. "
                + "Put it back, or start this table again; its changes wait in the buffer.");
        }
    }

    /// <summary>A column of ours that somebody dropped cannot come back: it is required.</summary>
    private static void RequireOurColumns(LoadedTable loaded, FieldRoles roles)
    {
        var ids = loaded.Metadata.Schema.Fields.Select(field => field.Id).ToHashSet();
        var missing = roles.Ours.Where(entry => !ids.Contains(entry.Value)).Select(entry => entry.Key).ToList();
        if (missing.Count > 0)
        {
            throw new PhilotesException("PH304", $"Table {loaded.Identifier} has lost the column {string.Join(", ", missing)}, which every row of a changelog needs. "
                + "Set the table's schema back, or start this table again.");
        }
    }

    private static HashSet<int> Pinned(LoadedTable loaded) =>
    [
        .. loaded.Metadata.Schema.IdentifierFieldIds,
        .. SourcesOf(loaded, "partition-specs"),
        .. SourcesOf(loaded, "sort-orders"),
    ];

    /// <summary>Fields that any partition spec or sort order of the table reads.</summary>
    private static IEnumerable<int> SourcesOf(LoadedTable loaded, string property) =>
        loaded.Metadata.Document.TryGetProperty(property, out var entries)
            ? entries.EnumerateArray().SelectMany(entry => entry.GetProperty("fields").EnumerateArray()).Select(field => field.GetProperty("source-id").GetInt32())
            : [];

    private static void RequireOurs(LoadedTable loaded, BufferedTable source)
    {
        var holds = loaded.Metadata.Properties.GetValueOrDefault(TableProperties.Source)
            ?? throw new PhilotesException("PH304", $"Table {loaded.Identifier} exists and was not made by Philotes. Rename it, or choose other names with lake.namespace and lake.table.");
        if (holds != TableProperties.SourceOf(source))
            throw new PhilotesException("PH220", $"Table {loaded.Identifier} holds {holds} and cannot hold {TableProperties.SourceOf(source)} too. Give one of them another name with lake.namespace and lake.table.");
    }

    /// <summary>The pinned roles; of a table whose maker died before it pinned them, those it would have pinned.</summary>
    private static FieldRoles RolesOf(LoadedTable loaded, TableSchema schema, TableSettings settings)
    {
        if (loaded.Metadata.Properties.TryGetValue(FieldRoles.Property, out var json))
            return FieldRoles.Parse(json);
        var plan = SchemaEvolution.Plan([], FieldRoles.Empty, lastColumnId: 0, schema, EvolutionRules.Of(settings));
        var names = loaded.Metadata.Schema.AllFields().Select(field => field.Name);
        var planned = new IcebergSchema(0, plan.Fields);
        return names.SequenceEqual(planned.AllFields().Select(field => field.Name))
            ? plan.Roles.Renumber(planned, loaded.Metadata.Schema)
            : throw new PhilotesException("PH304", $"Table {loaded.Identifier} has no property {FieldRoles.Property}, and its columns are not those of {schema.Name}. Restore the property, or drop the table to have it made again.");
    }

    private static int NextSchemaId(LoadedTable loaded) =>
        loaded.Metadata.Document.GetProperty("schemas").EnumerateArray().Select(schema => schema.GetProperty("schema-id").GetInt32()).Max() + 1;
}
