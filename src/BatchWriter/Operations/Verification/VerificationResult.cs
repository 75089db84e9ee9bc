using Philotes.Shared;

namespace Philotes.BatchWriter.Operations.Verification;

/// <summary>What a comparison of the lake with the source found.</summary>
/// <param name="At">The position at which both were compared.</param>
/// <param name="DifferingBuckets">Of <paramref name="Buckets"/> ranges of keys, those whose rows are not the same.</param>
/// <param name="Rows">The first differing rows, by name.</param>
/// <param name="ChangedSince">Rows that changed after <paramref name="At"/>: whether they were there is compared, their values are not.</param>
/// <param name="Repair">The command that puts the differing rows right; null where there is nothing to repair.</param>
/// <param name="NotCompared">Columns that were left out.</param>
/// <param name="Parked">Open dead letters of the table: changes that the lake is known to lack.</param>
public sealed record VerificationResult(
    TableName Table, Lsn At, long SourceRows, long LakeRows, int Buckets, int DifferingBuckets, IReadOnlyList<DifferingRow> Rows,
    IReadOnlyList<string> NotCompared, IReadOnlyList<string> KeyColumns, long Parked, long ChangedSince, string? Repair)
{
    public bool IsEqual => SourceRows == LakeRows && DifferingBuckets == 0;
}
