using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Entries;
using Philotes.SqlCatalog.Metadata;

namespace Philotes.SqlCatalog.Commits;

/// <summary>One entry's part of a commit, as it was sent.</summary>
internal sealed record CommitRequest(EntryName Name, IReadOnlyList<JsonObject> Requirements, IReadOnlyList<JsonObject> Updates)
{
    public bool IsCreate => Requirements.Any(r => r.Text("type") == "assert-create");

    public static CommitRequest From(EntryName name, JsonObject body) =>
        new(name, [.. body.Objects("requirements")], [.. body.Objects("updates")]);

    public static CommitRequest FromChange(JsonObject change) => From(EntryName.FromJson(change.Part("identifier")), change);
}
