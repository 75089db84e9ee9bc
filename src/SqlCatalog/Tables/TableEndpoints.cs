using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Commits;
using Philotes.SqlCatalog.Entries;
using Philotes.SqlCatalog.Http;
using Philotes.SqlCatalog.Metadata;
using Philotes.SqlCatalog.Namespaces;

namespace Philotes.SqlCatalog.Tables;

/// <summary>The protocol's table operations.</summary>
internal sealed class TableEndpoints(
    NamespaceStore namespaces, EntryStore entries, MetadataFiles files, TableCommits commits, TablePurge purge, TimeProvider time)
{
    public async Task<CatalogReply> CreateAsync(string ns, CatalogRequest request, CancellationToken cancellationToken)
    {
        var body = await request.BodyAsync(cancellationToken);
        var name = EntryName.Of(NamespaceName.Parse(ns), body.Text("name"));
        await namespaces.RequireAsync(name.Namespace, cancellationToken);
        if (await entries.FindAsync(name, cancellationToken) is { } existing)
            throw CommitLoop.Taken(name, EntryKind.Table, existing.Kind);
        var uuid = Guid.NewGuid().ToString("D");
        var location = body.OptionalText("location")?.TrimEnd('/') ?? files.DefaultLocation(name, uuid);
        var document = NewTable.Create(body, uuid, location, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (body.Truth("stage-create"))
            return CatalogReply.Ok(new JsonObject { ["metadata-location"] = null, ["metadata"] = document, ["config"] = new JsonObject() });
        var created = await commits.CreateAsync(name, document, cancellationToken);
        return Describe(created);
    }

    public async Task<CatalogReply> LoadAsync(string ns, string table, CatalogRequest request, CancellationToken cancellationToken)
    {
        var name = Name(ns, table);
        var refsOnly = request.Query("snapshots") == "refs";
        var entry = await entries.FindAsync(name, cancellationToken);
        if (entry?.Kind != EntryKind.Table)
            throw CatalogException.NoTable(name);
        var etag = TableETag.Of(entry.Location, refsOnly);
        if (TableETag.Matches(request.IfNoneMatch, etag))
        {
            await files.RequireAsync(entry.Location, cancellationToken);
            return new CatalogReply(304, Body: null, etag);
        }

        var document = await files.ReadAsync(entry.Location, cancellationToken);
        LegacyFields.Read(document);
        if (refsOnly)
            KeepReferred(document);
        return Describe(document, entry.Location, etag);
    }

    public async Task<CatalogReply> ExistsAsync(string ns, string table, CancellationToken cancellationToken)
    {
        var name = Name(ns, table);
        return (await entries.FindAsync(name, cancellationToken))?.Kind == EntryKind.Table ? CatalogReply.NoContent : throw CatalogException.NoTable(name);
    }

    public async Task<CatalogReply> CommitAsync(string ns, string table, CatalogRequest request, CancellationToken cancellationToken)
    {
        var commit = CommitRequest.From(Name(ns, table), await request.BodyAsync(cancellationToken));
        var done = (await commits.CommitAsync([commit], cancellationToken))[0];
        return Describe(done);
    }

    public async Task<CatalogReply> CommitTransactionAsync(CatalogRequest request, CancellationToken cancellationToken)
    {
        var body = await request.BodyAsync(cancellationToken);
        var changes = body.Objects("table-changes").Select(CommitRequest.FromChange).ToList();
        if (changes.Select(c => c.Name.ToString()).Distinct(StringComparer.Ordinal).Count() != changes.Count)
            throw CatalogException.BadRequest("A transaction names each table once.");
        await commits.CommitAsync(changes, cancellationToken);
        return CatalogReply.NoContent;
    }

    public async Task<CatalogReply> RegisterAsync(string ns, CatalogRequest request, CancellationToken cancellationToken)
    {
        var body = await request.BodyAsync(cancellationToken);
        var name = EntryName.Of(NamespaceName.Parse(ns), body.Text("name"));
        var location = body.Text("metadata-location");
        await namespaces.RequireAsync(name.Namespace, cancellationToken);
        var existing = await entries.FindAsync(name, cancellationToken);
        if (existing is not null && (existing.Kind != EntryKind.Table || !body.Truth("overwrite")))
            throw CommitLoop.Taken(name, EntryKind.Table, existing.Kind);
        var document = await files.ReadAsync(location, cancellationToken);
        LegacyFields.Read(document);
        _ = (document.Text("table-uuid"), document.Text("location"), document.Whole("format-version"));
        if (await entries.ApplyAsync([new EntryChange(name, EntryKind.Table, existing?.Location, location)], cancellationToken) is not null)
            throw CommitLoop.Taken(name, EntryKind.Table, EntryKind.Table);
        return Describe(document, location, TableETag.Of(location, refsOnly: false));
    }

    public async Task<CatalogReply> DropAsync(string ns, string table, CatalogRequest request, CancellationToken cancellationToken)
    {
        var name = Name(ns, table);
        var location = await entries.DeleteAsync(name, EntryKind.Table, cancellationToken) ?? throw CatalogException.NoTable(name);
        // Nobody can ask again for the files of a table that is gone: a client that hangs up does not stop this.
        if (request.Flag("purgeRequested") && await files.TryReadAsync(location, CancellationToken.None) is { } metadata)
            await purge.RunAsync(JsonFields.Parse(metadata), location, CancellationToken.None);
        return CatalogReply.NoContent;
    }

    static EntryName Name(string ns, string table) => EntryName.Of(NamespaceName.Parse(ns), table);

    static CatalogReply Describe(PreparedCommit done) =>
        Describe(done.Document, done.Location, TableETag.Of(done.Location, refsOnly: false)) with { WrittenMetadata = done.Written };

    static CatalogReply Describe(JsonObject document, string location, string etag) =>
        new(200, new JsonObject { ["metadata-location"] = location, ["metadata"] = document, ["config"] = new JsonObject() }, etag);

    static void KeepReferred(JsonObject document)
    {
        var referred = SnapshotUpdates.Refs(document).Select(r => r.SnapshotId).ToHashSet();
        document.RemoveWhere("snapshots", s => !referred.Contains(s.Whole("snapshot-id")));
    }
}
