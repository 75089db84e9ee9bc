using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.BatchWriter.Orphans;

/// <summary>An object of ours that nothing refers to.</summary>
/// <param name="Table">The source table.</param>
/// <param name="Writer">The batch, repair or replay that may have written it.</param>
/// <param name="Bytes">Its size; null when it was never written, or is gone.</param>
/// <param name="Kind">data, manifest or list.</param>
public sealed record Orphan(TableName Table, ObjectWriter Writer, string Uri, string Kind, long? Bytes, DateTimeOffset FinishedAt);
