using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Tests.Rest;

/// <summary>Small tables and snapshots for talking to a catalog about; no data files stand behind them.</summary>
internal static class CatalogTables
{
    static long _snapshots = 4_611_686_018_427_387_904;     // beyond 2^53: ids must survive JSON unharmed

    public static IcebergSchema Schema { get; } = new(0,
    [
        new NestedField(1, "id", Required: true, new LongType()),
        new NestedField(2, "note", Required: false, new StringType()),
    ]);

    public static NamespaceName UniqueNamespace() => new("t" + Guid.NewGuid().ToString("N"));

    public static CreateTableRequest Request(NamespaceName name, string table = "orders") =>
        new(new TableIdentifier(name, table), Schema, PartitionSpec.Unpartitioned, SortOrder.Unsorted, new Dictionary<string, string> { ["format-version"] = "2", ["owner"] = "tests" });

    public static async Task<LoadedTable> CreateAsync(RestCatalog catalog, string table = "orders")
    {
        var name = UniqueNamespace();
        await catalog.EnsureNamespaceAsync(name, CancellationToken.None);
        return Committed(await catalog.CreateTableAsync(Request(name, table), CancellationToken.None));
    }

    public static LoadedTable Committed(CommitOutcome outcome) =>
        outcome is CommitOutcome.Committed committed ? committed.Table : throw new AssertionException($"Expected Committed, got {outcome}.");

    public static Snapshot NextSnapshot(TableMetadata table)
    {
        var id = Interlocked.Increment(ref _snapshots);
        return new Snapshot
        {
            SnapshotId = id,
            ParentSnapshotId = table.CurrentSnapshotId,
            SequenceNumber = table.LastSequenceNumber + 1,
            TimestampMs = Math.Max(table.LastUpdatedMs, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
            ManifestList = $"{table.Location}/metadata/snap-{id}.avro",
            SchemaId = table.CurrentSchemaId,
            Summary = new Dictionary<string, string> { ["operation"] = "append", ["total-records"] = "0" },
        };
    }

    public static CommitRequest Append(LoadedTable table) => new(
        table.Identifier,
        TableRequirement.UnchangedHead(table.Metadata),
        TableUpdate.AppendToMain(NextSnapshot(table.Metadata), table.Metadata.MainRef));

    public static CommitRequest SetProperty(LoadedTable table, string key, string value) => new(
        table.Identifier,
        [new TableRequirement.AssertTableUuid(table.Metadata.TableUuid)],
        [new TableUpdate.SetProperties(new Dictionary<string, string> { [key] = value })]);
}
