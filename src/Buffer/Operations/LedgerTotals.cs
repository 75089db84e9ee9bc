namespace Philotes.Buffer.Operations;

/// <summary>What a table's ledger adds up to.</summary>
/// <param name="Events">Of committed batches.</param>
/// <param name="Parked">Of these, those that wait or were written off: they are in no file.</param>
public sealed record LedgerTotals(long Events, long Parked, int Files);
