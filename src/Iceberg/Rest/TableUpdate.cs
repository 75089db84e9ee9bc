using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// One change within a commit (REST catalog specification, TableUpdate); a commit applies its updates in order, all or none. Optional fields are
/// always written: catalogs in the field fail without them.
/// </summary>
public abstract partial record TableUpdate
{
    /// <summary>Instead of an id: what this commit added last.</summary>
    public const int LastAdded = -1;

    TableUpdate()
    {
    }

    public sealed record AssignUuid(Guid Uuid) : TableUpdate;

    public sealed record UpgradeFormatVersion(int FormatVersion) : TableUpdate;

    /// <param name="Schema">With its own next schema id: some catalogs refuse one without.</param>
    /// <param name="LastColumnId">The highest field id ever given out, this schema's included.</param>
    public sealed record AddSchema(IcebergSchema Schema, int LastColumnId) : TableUpdate;

    public sealed record SetCurrentSchema(int SchemaId) : TableUpdate;

    public sealed record AddSpec(PartitionSpec Spec) : TableUpdate;

    public sealed record SetDefaultSpec(int SpecId) : TableUpdate;

    public sealed record AddSortOrder(SortOrder SortOrder) : TableUpdate;

    public sealed record SetDefaultSortOrder(int SortOrderId) : TableUpdate;

    public sealed record AddSnapshot(Snapshot Snapshot) : TableUpdate;

    /// <summary>Replaces the whole reference, its retention included.</summary>
    public sealed record SetSnapshotRef(string RefName, SnapshotRef Reference) : TableUpdate;

    public sealed record RemoveSnapshots(IReadOnlyList<long> SnapshotIds) : TableUpdate;

    public sealed record RemoveSnapshotRef(string RefName) : TableUpdate;

    public sealed record SetLocation(string Location) : TableUpdate;

    public sealed record SetProperties(IReadOnlyDictionary<string, string> Properties) : TableUpdate;

    public sealed record RemoveProperties(IReadOnlyList<string> Keys) : TableUpdate;

    public sealed record RemovePartitionSpecs(IReadOnlyList<int> SpecIds) : TableUpdate;

    public sealed record RemoveSchemas(IReadOnlyList<int> SchemaIds) : TableUpdate;

    /// <summary>The two updates that append a snapshot to main, keeping main's retention.</summary>
    public static IReadOnlyList<TableUpdate> AppendToMain(Snapshot snapshot, SnapshotRef? main) =>
    [
        new AddSnapshot(snapshot),
        new SetSnapshotRef(SnapshotRef.Main, main is null ? SnapshotRef.Branch(snapshot.SnapshotId) : main with { SnapshotId = snapshot.SnapshotId }),
    ];
}
