using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Entries;

namespace Philotes.SqlCatalog.Commits;

/// <summary>
/// What one entry's commit comes to: the document after it and where that is. <paramref name="Change"/> is null when the
/// updates changed nothing; the current state then answers. <paramref name="Obsolete"/>: files to remove once it is in.
/// </summary>
internal sealed record PreparedCommit(EntryName Name, JsonObject Document, string Location, EntryChange? Change, IReadOnlyList<string> Obsolete)
{
    /// <summary>The document as it stands in its file; null where nothing was written.</summary>
    public ReadOnlyMemory<byte>? Written { get; init; }
}
