namespace Philotes.Iceberg.Partitioning;

/// <summary>One field of a partition spec.</summary>
/// <param name="FieldId">Unique in the table's history, from 1000.</param>
public sealed record PartitionField(int SourceId, int FieldId, string Name, Transform Transform);
