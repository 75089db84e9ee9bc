using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// Finishes a staged create: one commit that makes the table and, with it, its first snapshot. Only the first snapshot's parent is null, and a catalog
/// in the field was seen to ignore a null assertion; a table born with an (empty) snapshot never needs one.
/// </summary>
public static class StagedCreate
{
    /// <summary>Pure. The order of the updates is the one the reference server expects; assert-create stands alone.</summary>
    /// <param name="staged">What <see cref="RestCatalog.StageCreateTableAsync"/> returned: its ids and its location count.</param>
    public static CommitRequest Plan(LoadedTable staged, Snapshot first, Guid? idempotencyKey = null) => new(
        staged.Identifier,
        [new TableRequirement.AssertCreate()],
        [.. Definition(staged.Metadata), .. TableUpdate.AppendToMain(first, main: null)],
        idempotencyKey);

    static IEnumerable<TableUpdate> Definition(TableMetadata table)
    {
        yield return new TableUpdate.AssignUuid(table.TableUuid);
        yield return new TableUpdate.UpgradeFormatVersion(table.FormatVersion);
        yield return new TableUpdate.AddSchema(table.Schema, table.LastColumnId);
        yield return new TableUpdate.SetCurrentSchema(TableUpdate.LastAdded);
        yield return new TableUpdate.AddSpec(table.DefaultSpec);
        yield return new TableUpdate.SetDefaultSpec(TableUpdate.LastAdded);
        yield return new TableUpdate.AddSortOrder(table.SortOrder);
        yield return new TableUpdate.SetDefaultSortOrder(TableUpdate.LastAdded);
        yield return new TableUpdate.SetLocation(table.Location);
        yield return new TableUpdate.SetProperties(table.Properties);
    }
}
