using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>What one look at the source's publications found.</summary>
/// <param name="Added">Tables that entered a publication of ours now.</param>
/// <param name="WithoutIdentity">Tables of which only inserts and truncates are captured; each is told once.</param>
/// <param name="FailingAtSource">Tables that somebody else published so that the application's updates and deletes of them fail; each is told once.</param>
/// <param name="Captured">Relations that are captured from now on: what the buffer knows and is not among them is gone.</param>
internal sealed record PublicationChange(
    IReadOnlyList<TableName> Added, IReadOnlyList<TableName> WithoutIdentity, IReadOnlyList<TableName> FailingAtSource, IReadOnlyList<uint> Captured);
