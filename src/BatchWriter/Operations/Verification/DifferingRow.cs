namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>A row that is not the same on both sides.</summary>
/// <param name="Key">Its key columns' texts, with <c>|</c> between them.</param>
/// <param name="Difference">missing (in the lake), extra (in the lake only) or different.</param>
public sealed record DifferingRow(string Key, string Difference);
