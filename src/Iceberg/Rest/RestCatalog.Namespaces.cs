using System.Text.Json;
using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Rest;

// Namespaces and listings: the questions around tables. Listings are read page by page to the end, with a limit on the number of pages.
public sealed partial class RestCatalog
{
    const int PagesMax = 100_000;

    public async Task<bool> NamespaceExistsAsync(NamespaceName name, CancellationToken cancellationToken)
    {
        var call = new RestCall(HttpMethod.Get, _routes.Namespace(name), $"load namespace {name}");
        var answer = await _transport.SendAsync(call, cancellationToken);
        return answer is RestAnswer.Replied { Reply.IsSuccess: true } || (Failure(answer, call, name.ToString()) is NotInCatalogException
            ? false
            : throw Failure(answer, call, name.ToString()));
    }

    /// <summary>Creates the namespace and those above it. True when it was made now, false when it was there.</summary>
    public async Task<bool> EnsureNamespaceAsync(NamespaceName name, CancellationToken cancellationToken)
    {
        var created = false;
        for (var depth = 1; depth <= name.Levels.Count; depth++)
        {
            created = await CreateNamespaceAsync(new NamespaceName(name.Levels.Take(depth)), cancellationToken);
        }

        return created;
    }

    /// <summary>False when there was none. The catalog refuses while the namespace holds anything.</summary>
    public async Task<bool> DropNamespaceAsync(NamespaceName name, CancellationToken cancellationToken)
    {
        var call = new RestCall(HttpMethod.Delete, _routes.Namespace(name), $"drop namespace {name}");
        var answer = await _transport.SendAsync(call, cancellationToken);
        return answer is RestAnswer.Replied { Reply.IsSuccess: true } || (Failure(answer, call, name.ToString()) is NotInCatalogException
            ? false
            : throw Failure(answer, call, name.ToString()));
    }

    /// <summary>The namespaces directly under <paramref name="parent"/>, or the topmost ones.</summary>
    public async Task<IReadOnlyList<NamespaceName>> ListNamespacesAsync(NamespaceName? parent, CancellationToken cancellationToken) =>
        await ListAsync(
            token => _routes.Namespaces(parent, token),
            $"list the namespaces under {parent?.ToString() ?? "the root"}",
            page => page.Items("namespaces").Select(ReadNamespace),
            cancellationToken);

    public async Task<IReadOnlyList<TableIdentifier>> ListTablesAsync(NamespaceName name, CancellationToken cancellationToken) =>
        await ListAsync(
            token => _routes.Tables(name, token),
            $"list the tables of {name}",
            page => page.Items("identifiers").Select(item => new TableIdentifier(ReadNamespace(item.Required("namespace")), item.Text("name"))),
            cancellationToken);

    async Task<bool> CreateNamespaceAsync(NamespaceName name, CancellationToken cancellationToken)
    {
        var call = new RestCall(HttpMethod.Post, _routes.Namespaces(), $"create namespace {name}")
        {
            Body = RestBodies.CreateNamespace(name, new Dictionary<string, string>()),
        };
        return await _transport.SendAsync(call, cancellationToken) switch
        {
            RestAnswer.Replied { Reply.IsSuccess: true } => true,
            RestAnswer.Replied { Reply.Status: 409 } => false,
            var answer => throw Failure(answer, call, name.ToString()),
        };
    }

    async Task<List<T>> ListAsync<T>(Func<string, Uri> page, string operation, Func<JsonElement, IEnumerable<T>> read, CancellationToken cancellationToken)
    {
        var items = new List<T>();
        var token = "";
        for (var pages = 0; pages < PagesMax; pages++)
        {
            var call = new RestCall(HttpMethod.Get, page(token), operation);
            var answer = await _transport.SendAsync(call, cancellationToken);
            if (answer is not RestAnswer.Replied { Reply: { IsSuccess: true } reply })
            {
                throw Failure(answer, call, operation);
            }

            var next = Understand(call, reply, () => AddPage(RestBodies.Parse(reply)));
            if (string.IsNullOrEmpty(next))
            {
                return items;
            }

            token = next;
        }

        throw new CatalogConfigurationException($"The catalog at {Config.BaseUri} gave {PagesMax} pages to '{operation}' and no end.");

        string? AddPage(JsonElement json)
        {
            items.AddRange(read(json));
            return json.OptionalText("next-page-token");
        }
    }

    static NamespaceName ReadNamespace(JsonElement levels) => levels.ValueKind is JsonValueKind.Array
        ? new NamespaceName(levels.EnumerateArray().Select(level => level.GetString() ?? ""))
        : throw new IcebergFormatException("A namespace is not a list of levels.");
}
