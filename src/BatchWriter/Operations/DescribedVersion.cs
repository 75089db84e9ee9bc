using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.BatchWriter.Operations;

/// <summary>One version of a table's schema.</summary>
/// <param name="Lsn">Commit position of the transaction that it was first seen in.</param>
/// <param name="Changes">What differs from the version before, in words.</param>
public sealed record DescribedVersion(int Version, Lsn Lsn, IReadOnlyList<string> Changes, IReadOnlyList<SchemaNotice> Notices);
