using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>What one look at the source's tables found new.</summary>
/// <param name="Added">Tables that entered a publication now.</param>
/// <param name="WithoutIdentity">Tables of which only inserts and truncates are captured; each is told once.</param>
/// <param name="Gone">Tables that were captured at the last look and no longer exist or match.</param>
internal sealed record PublicationChange(IReadOnlyList<TableName> Added, IReadOnlyList<TableName> WithoutIdentity, IReadOnlyList<TableName> Gone);
