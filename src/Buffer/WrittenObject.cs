namespace Philotes.Buffer;

/// <summary>An object that a finished batch may have written and that its snapshot, as far as the writer knew, does not refer to.</summary>
/// <param name="FinishedAt">When the batch was committed.</param>
public sealed record WrittenObject(long BatchId, int TableId, string Uri, DateTimeOffset FinishedAt);
