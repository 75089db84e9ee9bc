namespace Philotes.BatchWriter.Orphans;

/// <summary>What a look for orphans found.</summary>
/// <param name="Skipped">Tables that could not be judged, each with the reason: their objects stay.</param>
public sealed record OrphanReport(IReadOnlyList<Orphan> Orphans, IReadOnlyList<string> Skipped);
