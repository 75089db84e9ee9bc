namespace Philotes.Buffer;

/// <summary>What a claim takes. A batch holds at least one source transaction, however large.</summary>
/// <param name="Lease">How long the batch is the claimer's; renew well before it ends.</param>
/// <param name="RowsMin">Fewer pending rows are left until the oldest is <paramref name="AgeMax"/> old.</param>
public sealed record ClaimLimits(long RowsMax, long BytesMax, TimeSpan Lease, long RowsMin = 1, TimeSpan AgeMax = default);
