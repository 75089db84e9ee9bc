using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Rest;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>A lake table that is ready for the rows of one source schema.</summary>
internal sealed record TargetTable(LoadedTable Loaded, FieldRoles Roles, PartitionSpec Spec)
{
    public IcebergSchema Schema => Loaded.Metadata.Schema;

    /// <summary>The table's default order if rows can be sorted by it, else none.</summary>
    public SortOrder SortOrder => SortColumns.CanSort(Loaded.Metadata.SortOrder, Schema) ? Loaded.Metadata.SortOrder : SortOrder.Unsorted;

    /// <summary>Any of the table's specs, the one that staged files were made under perhaps.</summary>
    public PartitionSpec SpecOf(int specId) => Find(Loaded, specId);

    public static PartitionSpec Find(LoadedTable loaded, int specId)
    {
        foreach (var json in loaded.Metadata.Document.GetProperty("partition-specs").EnumerateArray())
        {
            var spec = PartitionSpec.Read(json);
            if (spec.SpecId == specId)
                return spec;
        }

        throw new PhilotesException("PH305", $"The catalog gave table {loaded.Identifier} without its partition spec {specId}. Restore the spec.");
    }
}
