namespace Philotes.BatchWriter.Operations;

/// <summary>What a check of catalog or store found.</summary>
/// <param name="Area">store or catalog.</param>
/// <param name="Result">ok, info, warn, fail or skip.</param>
/// <param name="Remedy">What to do; null where there is nothing to do.</param>
public sealed record LakeFinding(string Id, string Area, string Result, string What, string? Remedy, string Why);
