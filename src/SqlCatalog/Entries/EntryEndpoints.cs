using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Http;
using Philotes.SqlCatalog.Metadata;
using Philotes.SqlCatalog.Namespaces;

namespace Philotes.SqlCatalog.Entries;

/// <summary>What tables and views have in common: listing and renaming.</summary>
internal sealed class EntryEndpoints(NamespaceStore namespaces, EntryStore entries)
{
    public async Task<CatalogReply> ListAsync(string namespaceName, EntryKind kind, CatalogRequest request, CancellationToken cancellationToken)
    {
        var ns = NamespaceName.Parse(namespaceName);
        await namespaces.RequireAsync(ns, cancellationToken);
        var page = Page.From(request);
        var (names, next) = page.Cut(await entries.ListAsync(ns, kind, page.After, page.RowsToRead, cancellationToken));
        var body = new JsonObject { ["identifiers"] = new JsonArray([.. names.Select(n => (JsonNode?)new EntryName(ns, n).ToJson())]) };
        if (next is not null)
            body["next-page-token"] = next;
        return CatalogReply.Ok(body);
    }

    public async Task<CatalogReply> RenameAsync(EntryKind kind, CatalogRequest request, CancellationToken cancellationToken)
    {
        var body = await request.BodyAsync(cancellationToken);
        var (from, to) = (EntryName.FromJson(body.Part("source")), EntryName.FromJson(body.Part("destination")));
        await entries.RenameAsync(from, to, kind, cancellationToken);
        return CatalogReply.NoContent;
    }
}
