namespace Philotes.Iceberg.Partitioning;

/// <summary>One field of a sort order.</summary>
public sealed record SortField(Transform Transform, int SourceId, SortDirection Direction, NullOrder NullOrder);
