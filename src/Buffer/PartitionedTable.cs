using Philotes.Shared;

namespace Philotes.Buffer;

/// <summary>A captured table that has partitions.</summary>
/// <param name="Table">The name it was first seen by.</param>
/// <param name="Partitions">Its leaves at the last look, by OID; null before the first.</param>
public sealed record PartitionedTable(TableName Table, IReadOnlyDictionary<uint, string>? Partitions);
