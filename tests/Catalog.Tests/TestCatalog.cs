using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Philotes.Catalog;
using Philotes.Testing;

namespace Philotes.Catalog.Tests;

/// <summary>A catalog on a database and a warehouse folder of its own, with a client that speaks plain HTTP.</summary>
internal sealed class TestCatalog : IAsyncDisposable
{
    readonly EmbeddedCatalog _catalog;
    readonly HttpClient _http;

    TestCatalog(EmbeddedCatalog catalog, string warehouse, string connectionString)
    {
        (_catalog, Warehouse, ConnectionString) = (catalog, warehouse, connectionString);
        _http = new HttpClient { BaseAddress = catalog.Uri };
    }

    public Uri Uri => _catalog.Uri;

    /// <summary>The folder, as a path.</summary>
    public string Warehouse { get; }

    public string ConnectionString { get; }

    public static async Task<TestCatalog> StartAsync()
    {
        var warehouse = Directory.CreateTempSubdirectory("catalog-warehouse-").FullName;
        var connectionString = await Servers.Postgres.CreateDatabaseAsync();
        return new TestCatalog(await ServeAsync(connectionString, warehouse), warehouse, connectionString);
    }

    /// <summary>A second process on the same database and warehouse would look like this.</summary>
    public static Task<EmbeddedCatalog> ServeAsync(string connectionString, string warehouse) =>
        EmbeddedCatalog.StartAsync(
            new EmbeddedCatalogOptions { ConnectionString = connectionString, Warehouse = "file://" + warehouse }, CancellationToken.None);

    public async Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body = null, string? ifNoneMatch = null, Uri? at = null)
    {
        // The path goes out as it is: a client that normalises it would hide what the server does with it.
        var uri = new Uri(
            (at ?? Uri).GetLeftPart(UriPartial.Authority) + "/v1/" + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = new HttpRequestMessage(method, uri);
        message.Content = body is null ? null : JsonContent.Create(body);
        if (ifNoneMatch is not null)
            message.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        using var reply = await _http.SendAsync(message);
        var text = await reply.Content.ReadAsStringAsync();
        return new Answer((int)reply.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text)!.AsObject(), reply.Headers.ETag?.ToString());
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, JsonNode body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<Answer> CreateNamespaceAsync(params string[] levels) =>
        PostAsync("namespaces", new JsonObject { ["namespace"] = new JsonArray([.. levels.Select(l => (JsonNode?)l)]) });

    public Task<Answer> CreateTableAsync(string ns, string name, int formatVersion = 2) => PostAsync($"namespaces/{ns}/tables", new JsonObject
    {
        ["name"] = name,
        ["schema"] = Documents.Schema(),
        ["properties"] = new JsonObject { ["format-version"] = $"{formatVersion}" },
    });

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _catalog.DisposeAsync();
        Directory.Delete(Warehouse, recursive: true);
    }
}
