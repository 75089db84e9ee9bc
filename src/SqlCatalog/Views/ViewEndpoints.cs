using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Commits;
using Philotes.SqlCatalog.Entries;
using Philotes.SqlCatalog.Http;
using Philotes.SqlCatalog.Metadata;
using Philotes.SqlCatalog.Namespaces;

namespace Philotes.SqlCatalog.Views;

/// <summary>The protocol's view operations.</summary>
internal sealed class ViewEndpoints(NamespaceStore namespaces, EntryStore entries, MetadataFiles files, CommitLoop loop, TimeProvider time)
{
    public async Task<CatalogReply> CreateAsync(string ns, CatalogRequest request, CancellationToken cancellationToken)
    {
        var body = await request.BodyAsync(cancellationToken);
        var name = EntryName.Of(NamespaceName.Parse(ns), body.Text("name"));
        await RequireFreeAsync(name, cancellationToken);
        var uuid = Guid.NewGuid().ToString("D");
        var document = new JsonObject
        {
            ["view-uuid"] = uuid,
            ["format-version"] = 1,
            ["location"] = body.OptionalText("location")?.TrimEnd('/') ?? files.DefaultLocation(name, uuid),
            ["properties"] = body.TextMap("properties").ToJson(),
        };
        var updates = new ViewUpdates(document, Now());
        var version = body.Part("view-version").DeepClone().AsObject();
        (version["schema-id"], version["version-id"]) = (SchemaUpdates.LastAdded, 1);
        updates.Apply(new JsonObject { ["action"] = "add-schema", ["schema"] = body.Part("schema").DeepClone() });
        updates.Apply(new JsonObject { ["action"] = "add-view-version", ["view-version"] = version });
        updates.Apply(new JsonObject { ["action"] = "set-current-view-version", ["view-version-id"] = SchemaUpdates.LastAdded });
        updates.Complete();
        var created = await loop.RunAsync(async token => [await WriteAsync(name, document, previous: null, token)], cancellationToken);
        return Describe(created[0].Document, created[0].Location);
    }

    public async Task<CatalogReply> LoadAsync(string ns, string view, CancellationToken cancellationToken)
    {
        var (document, location) = await ReadAsync(Name(ns, view), cancellationToken);
        return Describe(document, location);
    }

    public async Task<CatalogReply> ExistsAsync(string ns, string view, CancellationToken cancellationToken)
    {
        await FindAsync(Name(ns, view), cancellationToken);
        return CatalogReply.NoContent;
    }

    public async Task<CatalogReply> ReplaceAsync(string ns, string view, CatalogRequest request, CancellationToken cancellationToken)
    {
        var commit = CommitRequest.From(Name(ns, view), await request.BodyAsync(cancellationToken));
        var done = await loop.RunAsync(async token => [await PrepareAsync(commit, token)], cancellationToken);
        return Describe(done[0].Document, done[0].Location);
    }

    public async Task<CatalogReply> DropAsync(string ns, string view, CancellationToken cancellationToken)
    {
        var name = Name(ns, view);
        _ = await entries.DeleteAsync(name, EntryKind.View, cancellationToken) ?? throw CatalogException.NoView(name);
        return CatalogReply.NoContent;
    }

    public async Task<CatalogReply> RegisterAsync(string ns, CatalogRequest request, CancellationToken cancellationToken)
    {
        var body = await request.BodyAsync(cancellationToken);
        var name = EntryName.Of(NamespaceName.Parse(ns), body.Text("name"));
        var location = body.Text("metadata-location");
        await RequireFreeAsync(name, cancellationToken);
        var document = await files.ReadAsync(location, cancellationToken);
        _ = (document.Text("view-uuid"), document.Text("location"), document.Whole("current-version-id"));
        if (await entries.ApplyAsync([new EntryChange(name, EntryKind.View, Expected: null, location)], cancellationToken) is not null)
            throw CommitLoop.Taken(name, EntryKind.View, EntryKind.View);
        return Describe(document, location);
    }

    async Task<PreparedCommit> PrepareAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        var (document, location) = await ReadAsync(request.Name, cancellationToken);
        foreach (var requirement in request.Requirements)
            Check(document, requirement);
        var before = document.DeepClone();
        var updates = new ViewUpdates(document, Now());
        foreach (var update in request.Updates)
            updates.Apply(update);
        if (JsonNode.DeepEquals(before, document))
            return new PreparedCommit(request.Name, document, location, Change: null, Obsolete: []);
        updates.Complete();
        return await WriteAsync(request.Name, document, location, cancellationToken);
    }

    async Task<PreparedCommit> WriteAsync(EntryName name, JsonObject document, string? previous, CancellationToken cancellationToken)
    {
        var (location, _) = await files.WriteAsync(document, previous, cancellationToken);
        return new PreparedCommit(name, document, location, new EntryChange(name, EntryKind.View, previous, location), Obsolete: []);
    }

    async Task RequireFreeAsync(EntryName name, CancellationToken cancellationToken)
    {
        await namespaces.RequireAsync(name.Namespace, cancellationToken);
        if (await entries.FindAsync(name, cancellationToken) is { } existing)
            throw CommitLoop.Taken(name, EntryKind.View, existing.Kind);
    }

    async Task<StoredEntry> FindAsync(EntryName name, CancellationToken cancellationToken) =>
        await entries.FindAsync(name, cancellationToken) is { Kind: EntryKind.View } entry ? entry : throw CatalogException.NoView(name);

    async Task<(JsonObject Document, string Location)> ReadAsync(EntryName name, CancellationToken cancellationToken)
    {
        var entry = await FindAsync(name, cancellationToken);
        return (await files.ReadAsync(entry.Location, cancellationToken), entry.Location);
    }

    long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    static void Check(JsonObject document, JsonObject requirement)
    {
        if (requirement.Text("type") != "assert-view-uuid")
            throw CatalogException.BadRequest($"Unknown requirement: {requirement.Text("type")}");
        var (expected, uuid) = (requirement.Text("uuid"), document.Text("view-uuid"));
        if (!string.Equals(expected, uuid, StringComparison.OrdinalIgnoreCase))
            throw CatalogException.CommitFailed($"Requirement failed: view UUID does not match: expected {uuid} != {expected}");
    }

    static EntryName Name(string ns, string view) => EntryName.Of(NamespaceName.Parse(ns), view);

    static CatalogReply Describe(JsonObject document, string location) =>
        CatalogReply.Ok(new JsonObject { ["metadata-location"] = location, ["metadata"] = document, ["config"] = new JsonObject() });
}
