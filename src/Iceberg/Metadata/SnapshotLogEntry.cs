namespace Philotes.Iceberg.Metadata;

/// <summary>The moment a snapshot became current, in milliseconds since 1970-01-01 UTC.</summary>
public sealed record SnapshotLogEntry(long SnapshotId, long TimestampMs);
