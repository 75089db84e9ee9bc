using Philotes.Shared;

namespace Philotes.BatchWriter.Orphans;

/// <summary>An object of ours that nothing refers to.</summary>
/// <param name="Bytes">Its size; null when it was never written, or is gone.</param>
/// <param name="Kind">data, manifest or list.</param>
public sealed record Orphan(TableName Table, long BatchId, string Uri, string Kind, long? Bytes, DateTimeOffset FinishedAt);
