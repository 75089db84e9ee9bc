using Philotes.Iceberg.Partitioning;
using Philotes.Iceberg.Types;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// A table to create. No location: several catalogs refuse or ignore a chosen one, so it is always taken from the reply. The catalog gives the fields
/// new ids: only those of the reply count.
/// </summary>
/// <param name="Properties"><c>format-version</c> among them chooses the version.</param>
public sealed record CreateTableRequest(
    TableIdentifier Table,
    IcebergSchema Schema,
    PartitionSpec PartitionSpec,
    SortOrder SortOrder,
    IReadOnlyDictionary<string, string> Properties);
