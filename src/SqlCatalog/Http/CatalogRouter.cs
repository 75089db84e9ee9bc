using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Entries;
using Philotes.SqlCatalog.Namespaces;
using Philotes.SqlCatalog.Tables;
using Philotes.SqlCatalog.Views;

namespace Philotes.SqlCatalog.Http;

/// <summary>The protocol's paths, on one page; <see cref="Endpoints"/> says the same to clients.</summary>
internal sealed class CatalogRouter(NamespaceEndpoints namespaces, EntryEndpoints entries, TableEndpoints tables, ViewEndpoints views)
{
    static readonly string[] Endpoints =
    [
        "GET /v1/{prefix}/namespaces", "POST /v1/{prefix}/namespaces",
        "GET /v1/{prefix}/namespaces/{namespace}", "HEAD /v1/{prefix}/namespaces/{namespace}",
        "DELETE /v1/{prefix}/namespaces/{namespace}", "POST /v1/{prefix}/namespaces/{namespace}/properties",
        "GET /v1/{prefix}/namespaces/{namespace}/tables", "POST /v1/{prefix}/namespaces/{namespace}/tables",
        "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}", "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}",
        "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}", "DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}",
        "POST /v1/{prefix}/namespaces/{namespace}/register", "POST /v1/{prefix}/tables/rename",
        "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics", "POST /v1/{prefix}/transactions/commit",
        "GET /v1/{prefix}/namespaces/{namespace}/views", "POST /v1/{prefix}/namespaces/{namespace}/views",
        "GET /v1/{prefix}/namespaces/{namespace}/views/{view}", "HEAD /v1/{prefix}/namespaces/{namespace}/views/{view}",
        "POST /v1/{prefix}/namespaces/{namespace}/views/{view}", "DELETE /v1/{prefix}/namespaces/{namespace}/views/{view}",
        "POST /v1/{prefix}/namespaces/{namespace}/register-view", "POST /v1/{prefix}/views/rename",
    ];

    public Task<CatalogReply> RouteAsync(CatalogRequest request, CancellationToken cancellationToken) => (request.Method, request.Path) switch
    {
        ("GET", ["v1", "config"]) => Task.FromResult(Configuration()),
        ("GET", ["v1", "namespaces"]) => namespaces.ListAsync(request, cancellationToken),
        ("POST", ["v1", "namespaces"]) => namespaces.CreateAsync(request, cancellationToken),
        ("POST", ["v1", "tables", "rename"]) => entries.RenameAsync(EntryKind.Table, request, cancellationToken),
        ("POST", ["v1", "views", "rename"]) => entries.RenameAsync(EntryKind.View, request, cancellationToken),
        ("POST", ["v1", "transactions", "commit"]) => tables.CommitTransactionAsync(request, cancellationToken),
        (_, ["v1", "namespaces", var ns, .. var rest]) => RouteWithinAsync(ns, rest, request, cancellationToken),
        _ => throw CatalogException.NoRoute(request.Method, request.RawPath),
    };

    Task<CatalogReply> RouteWithinAsync(string ns, string[] rest, CatalogRequest request, CancellationToken cancellationToken) => (request.Method, rest) switch
    {
        ("GET", []) => namespaces.LoadAsync(ns, cancellationToken),
        ("HEAD", []) => namespaces.ExistsAsync(ns, cancellationToken),
        ("DELETE", []) => namespaces.DropAsync(ns, cancellationToken),
        ("POST", ["properties"]) => namespaces.UpdateAsync(ns, request, cancellationToken),
        ("POST", ["register"]) => tables.RegisterAsync(ns, request, cancellationToken),
        ("POST", ["register-view"]) => views.RegisterAsync(ns, request, cancellationToken),
        ("GET", ["tables"]) => entries.ListAsync(ns, EntryKind.Table, request, cancellationToken),
        ("POST", ["tables"]) => tables.CreateAsync(ns, request, cancellationToken),
        ("GET", ["tables", var table]) => tables.LoadAsync(ns, table, request, cancellationToken),
        ("HEAD", ["tables", var table]) => tables.ExistsAsync(ns, table, cancellationToken),
        ("POST", ["tables", var table]) => tables.CommitAsync(ns, table, request, cancellationToken),
        ("DELETE", ["tables", var table]) => tables.DropAsync(ns, table, request, cancellationToken),
        ("POST", ["tables", _, "metrics"]) => Task.FromResult(CatalogReply.NoContent),
        ("GET", ["views"]) => entries.ListAsync(ns, EntryKind.View, request, cancellationToken),
        ("POST", ["views"]) => views.CreateAsync(ns, request, cancellationToken),
        ("GET", ["views", var view]) => views.LoadAsync(ns, view, cancellationToken),
        ("HEAD", ["views", var view]) => views.ExistsAsync(ns, view, cancellationToken),
        ("POST", ["views", var view]) => views.ReplaceAsync(ns, view, request, cancellationToken),
        ("DELETE", ["views", var view]) => views.DropAsync(ns, view, cancellationToken),
        _ => throw CatalogException.NoRoute(request.Method, request.RawPath),
    };

    static CatalogReply Configuration() => CatalogReply.Ok(new JsonObject
    {
        ["defaults"] = new JsonObject(),
        ["overrides"] = new JsonObject(),
        ["endpoints"] = new JsonArray([.. Endpoints.Select(e => (JsonNode?)JsonValue.Create(e))]),
    });
}
