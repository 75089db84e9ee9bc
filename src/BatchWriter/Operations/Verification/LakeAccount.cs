using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>A lake table's account against the ledger.</summary>
/// <param name="Problems">What does not fit; empty when all does.</param>
public sealed record LakeAccount(TableName Table, long Rows, int Files, long Mark, long Events, long Parked, IReadOnlyList<string> Problems);
