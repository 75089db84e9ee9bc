using Philotes.BatchWriter.Commit;
using Philotes.BatchWriter.Orphans;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Planning;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>
/// Makes a changelog table together with a first snapshot that is empty. A null parent is the one assertion that a catalog in the field ignores, so no
/// data ever goes into a first snapshot: from the first batch on every commit asserts a parent that exists. Where the catalog can stage, table and
/// snapshot are one commit; where it cannot, the snapshot follows right behind, and whoever finds the table without one adds it before any data.
/// </summary>
internal sealed class TableCreation(RestCatalog catalog, TableStores stores, Announcer announcer, TimeProvider clock)
{
    /// <summary>Null when another process came first.</summary>
    public async Task<LoadedTable?> CreateAsync(
        TableIdentifier name, BufferedTable source, TableSchema schema, TableSettings settings, CancellationToken cancellationToken)
    {
        await Failpoints.HitAsync("wr.before_create", cancellationToken);
        await catalog.EnsureNamespaceAsync(name.Namespace, cancellationToken);
        var plan = SchemaEvolution.Plan([], FieldRoles.Empty, lastColumnId: 0, schema, EvolutionRules.Of(settings));
        var sent = new IcebergSchema(0, plan.Fields);
        var request = new CreateTableRequest(
            name, sent, PartitionSpec.Parse(settings.Partition, sent), SortOrder.Parse(settings.Sort, sent),
            TableProperties.ForNew(source, settings));
        var staged = await catalog.StageCreateTableAsync(request, cancellationToken);
        await Failpoints.HitAsync("wr.after_stage_create", cancellationToken);
        if (staged is CommitOutcome.Refused)
        {
            Outcomes.Require(await catalog.CreateTableAsync(request, cancellationToken), $"create table {name}");
            await Failpoints.HitAsync("wr.after_plain_create", cancellationToken);
            return null;
        }

        Outcomes.Require(staged, $"stage table {name}");
        if (staged is CommitOutcome.Committed(var table))
            await FinishAsync(table, source, plan.Roles.Renumber(sent, table.Metadata.Schema), cancellationToken);
        return null;
    }

    /// <summary>For a table that has no snapshot yet. Returns also when another process came first: load and look.</summary>
    public async Task AddFirstSnapshotAsync(LoadedTable table, BufferedTable source, FieldRoles roles, CancellationToken cancellationToken)
    {
        var first = await FirstSnapshotAsync(table, source, cancellationToken);
        await Failpoints.HitAsync("wr.before_first_snapshot", cancellationToken);
        var request = new CommitRequest(table.Identifier, TableRequirement.UnchangedHead(table.Metadata),
            [.. TableUpdate.AppendToMain(first, main: null), Pin(roles)]);
        Outcomes.Require(await catalog.CommitAsync(request, cancellationToken), $"add the first snapshot of {table.Identifier}");
    }

    private async Task FinishAsync(LoadedTable staged, BufferedTable source, FieldRoles roles, CancellationToken cancellationToken)
    {
        var request = StagedCreate.Plan(staged, await FirstSnapshotAsync(staged, source, cancellationToken));
        request = request with { Updates = [.. request.Updates, Pin(roles)] };
        await Failpoints.HitAsync("wr.before_create_commit", cancellationToken);
        Outcomes.Require(await catalog.CommitAsync(request, cancellationToken), $"create table {staged.Identifier}");
        await Failpoints.HitAsync("wr.after_create_commit", cancellationToken);
    }

    private async Task<Snapshot> FirstSnapshotAsync(LoadedTable table, BufferedTable source, CancellationToken cancellationToken)
    {
        var store = stores.For(table);
        var head = await TableHead.LoadAsync(table.Metadata, store, cancellationToken);
        var summary = new Dictionary<string, string> { [SummaryKeys.Source] = source.SourceName, [SummaryKeys.Version] = "1" };
        var plan = AppendPlanner.Plan(
            head, [], SnapshotIds.From(Guid.NewGuid()), SnapshotClock.TimestampMs(table, clock.GetUtcNow()), summary, merge: null);
        var written = await new SnapshotWriter(store, Guid.CreateVersion7(), announcer.AnnounceAsync).WriteAsync(head, plan, cancellationToken);
        return written.Snapshot;
    }

    private static TableUpdate.SetProperties Pin(FieldRoles roles) => new(new Dictionary<string, string> { [FieldRoles.Property] = roles.ToJson() });
}
