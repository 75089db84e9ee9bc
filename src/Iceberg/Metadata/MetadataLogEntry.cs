namespace Philotes.Iceberg.Metadata;

/// <summary>An earlier metadata file of the table; it may have been deleted since.</summary>
public sealed record MetadataLogEntry(string MetadataFile, long TimestampMs);
