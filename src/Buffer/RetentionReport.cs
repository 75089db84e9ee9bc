namespace Philotes.Buffer;

/// <summary>What a round of retention did.</summary>
/// <param name="Ran">False when another process holds retention's lock: then nothing was done.</param>
/// <param name="Added">The generation that was opened, if one was.</param>
/// <param name="Waiting">Generations whose detach waits for a reader; the next round goes on.</param>
public sealed record RetentionReport(
    bool Ran, int? Added, IReadOnlyList<int> Sealed, IReadOnlyList<int> Dropped, IReadOnlyList<int> Waiting);
