using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Commits;
using Philotes.SqlCatalog.Entries;
using Philotes.SqlCatalog.Metadata;

namespace Philotes.SqlCatalog.Tables;

/// <summary>Turns a commit request into a table's next metadata file.</summary>
internal sealed class TableCommits(EntryStore entries, MetadataFiles files, CommitLoop loop, TimeProvider time)
{
    const long LogLengthDefault = 100;

    /// <summary>One table or several: all become current together or none does.</summary>
    public Task<IReadOnlyList<PreparedCommit>> CommitAsync(IReadOnlyList<CommitRequest> requests, CancellationToken cancellationToken) =>
        loop.RunAsync(
            async token =>
            {
                var prepared = new List<PreparedCommit>(requests.Count);
                foreach (var request in requests)
                    prepared.Add(await PrepareAsync(request, token));
                return prepared;
            },
            cancellationToken);

    /// <summary>Makes the first state of a table current.</summary>
    public async Task<PreparedCommit> CreateAsync(EntryName name, JsonObject document, CancellationToken cancellationToken)
    {
        var prepared = await loop.RunAsync(async token => [await FirstAsync(name, document, token)], cancellationToken);
        return prepared[0];
    }

    /// <summary>The current document in today's shape, and where it is.</summary>
    public async Task<(JsonObject Document, string Location)> LoadAsync(EntryName name, CancellationToken cancellationToken)
    {
        var entry = await entries.FindAsync(name, cancellationToken);
        if (entry?.Kind != EntryKind.Table)
            throw CatalogException.NoTable(name);
        var document = await files.ReadAsync(entry.Location, cancellationToken);
        LegacyFields.Read(document);
        return (document, entry.Location);
    }

    Task<PreparedCommit> PrepareAsync(CommitRequest request, CancellationToken cancellationToken) =>
        request.IsCreate ? PrepareCreateAsync(request, cancellationToken) : PrepareUpdateAsync(request, cancellationToken);

    async Task<PreparedCommit> PrepareCreateAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        if (request.Requirements.FirstOrDefault(r => r.Text("type") != "assert-create") is { } other)
            throw CatalogException.BadRequest($"Invalid create requirements: {other.ToJsonString()}");
        if (await entries.FindAsync(request.Name, cancellationToken) is { } existing)
        {
            throw existing.Kind == EntryKind.Table
                ? CatalogException.CommitFailed("Requirement failed: table already exists")
                : CommitLoop.Taken(request.Name, EntryKind.Table, existing.Kind);
        }

        var version = request.Updates.FirstOrDefault(u => u.Text("action") == "upgrade-format-version")?.Whole("format-version");
        var draft = TableDraft.Empty((int)(version ?? NewTable.FormatVersionDefault), time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var update in request.Updates)
            TableUpdates.Apply(draft, update);
        draft.Complete();
        return await FirstAsync(request.Name, draft.Document, cancellationToken);
    }

    async Task<PreparedCommit> PrepareUpdateAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        var (document, location) = await LoadAsync(request.Name, cancellationToken);
        foreach (var requirement in request.Requirements)
            TableRequirements.Check(document, requirement);
        var before = document.DeepClone().AsObject();
        var draft = new TableDraft(document, time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var update in request.Updates)
            TableUpdates.Apply(draft, update);
        if (JsonNode.DeepEquals(before, document))
            return new PreparedCommit(request.Name, document, location, Change: null, Obsolete: []);

        var obsolete = Log(document, before, location);
        draft.Complete();
        var (next, bytes) = await files.WriteAsync(document, location, cancellationToken);
        return new PreparedCommit(request.Name, document, next, new EntryChange(request.Name, EntryKind.Table, location, next), obsolete) { Written = bytes };
    }

    async Task<PreparedCommit> FirstAsync(EntryName name, JsonObject document, CancellationToken cancellationToken)
    {
        var (location, bytes) = await files.WriteAsync(document, previousLocation: null, cancellationToken);
        return new PreparedCommit(name, document, location, new EntryChange(name, EntryKind.Table, Expected: null, location), Obsolete: []) { Written = bytes };
    }

    /// <summary>Adds the state before this commit to the log; returns the files that fell out of it, when they are to go.</summary>
    static List<string> Log(JsonObject document, JsonObject before, string location)
    {
        var properties = document.TextMap("properties");
        var length = properties.TryGetValue("write.metadata.previous-versions-max", out var text) && long.TryParse(text, out var max)
            ? Math.Max(1, max)
            : LogLengthDefault;
        var log = document.List("metadata-log");
        log.Add(new JsonObject { ["timestamp-ms"] = before.OptionalWhole("last-updated-ms") ?? 0, ["metadata-file"] = location });
        var fallen = new List<string>();
        while (log.Count > length)
        {
            fallen.Add(log[0]!.AsObject().Text("metadata-file"));
            log.RemoveAt(0);
        }

        return properties.GetValueOrDefault("write.metadata.delete-after-commit.enabled") == "true" ? fallen : [];
    }
}
