namespace Philotes.Buffer;

/// <summary>An object that a batch, a repair or a replay which is over may have written, and that its snapshot, as far as the writer knew, does not refer to.</summary>
/// <param name="Target">The lake's table, namespace.table, where it is not the source table's own: of a replay to the side.</param>
/// <param name="FinishedAt">When it was committed or given up.</param>
public sealed record WrittenObject(ObjectWriter Writer, int TableId, string? Target, string Uri, DateTimeOffset FinishedAt);
