using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Http;
using Philotes.SqlCatalog.Metadata;

namespace Philotes.SqlCatalog.Namespaces;

/// <summary>The protocol's namespace operations.</summary>
internal sealed class NamespaceEndpoints(NamespaceStore store)
{
    public async Task<CatalogReply> ListAsync(CatalogRequest request, CancellationToken cancellationToken)
    {
        var parent = request.Query("parent") is { Length: > 0 } given ? NamespaceName.Parse(given) : null;
        var page = Page.From(request);
        var (names, next) = page.Cut(await store.ChildrenAsync(parent, page.After, page.RowsToRead, cancellationToken));
        var children = names.Select(n => (JsonNode?)NamespaceName.FromStored(parent is null ? n : $"{parent}.{n}").ToJson());
        var body = new JsonObject { ["namespaces"] = new JsonArray([.. children]) };
        if (next is not null)
            body["next-page-token"] = next;
        return CatalogReply.Ok(body);
    }

    public async Task<CatalogReply> CreateAsync(CatalogRequest request, CancellationToken cancellationToken)
    {
        var body = await request.BodyAsync(cancellationToken);
        var ns = NamespaceName.Of(body.Texts("namespace"));
        var properties = body.TextMap("properties");
        await store.CreateAsync(ns, properties, cancellationToken);
        return Describe(ns, properties);
    }

    public async Task<CatalogReply> LoadAsync(string name, CancellationToken cancellationToken)
    {
        var ns = NamespaceName.Parse(name);
        return Describe(ns, await store.PropertiesAsync(ns, cancellationToken));
    }

    public async Task<CatalogReply> ExistsAsync(string name, CancellationToken cancellationToken)
    {
        await store.RequireAsync(NamespaceName.Parse(name), cancellationToken);
        return CatalogReply.NoContent;
    }

    public async Task<CatalogReply> DropAsync(string name, CancellationToken cancellationToken)
    {
        await store.DropAsync(NamespaceName.Parse(name), cancellationToken);
        return CatalogReply.NoContent;
    }

    public async Task<CatalogReply> UpdateAsync(string name, CatalogRequest request, CancellationToken cancellationToken)
    {
        var body = await request.BodyAsync(cancellationToken);
        var (updates, removals) = (body.TextMap("updates"), body.Texts("removals"));
        if (removals.FirstOrDefault(updates.ContainsKey) is { } both)
            throw CatalogException.Unprocessable($"Cannot remove and update the same key: {both}");
        var removed = await store.UpdateAsync(NamespaceName.Parse(name), updates, removals, cancellationToken);
        return CatalogReply.Ok(new JsonObject
        {
            ["updated"] = List(updates.Keys),
            ["removed"] = List(removals.Where(removed.Contains)),
            ["missing"] = List(removals.Where(k => !removed.Contains(k))),
        });
    }

    static CatalogReply Describe(NamespaceName ns, IReadOnlyDictionary<string, string> properties) =>
        CatalogReply.Ok(new JsonObject { ["namespace"] = ns.ToJson(), ["properties"] = properties.ToJson() });

    static JsonArray List(IEnumerable<string> keys) => new([.. keys.Distinct().Select(k => (JsonNode?)JsonValue.Create(k))]);
}
