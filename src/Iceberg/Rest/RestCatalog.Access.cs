using System.Text.Json;
using Philotes.Iceberg.Metadata;
using Philotes.Iceberg.Storage.S3;

namespace Philotes.Iceberg.Rest;

// Access to the files of tables: keys that the catalog hands out, and requests that it signs.
public sealed partial class RestCatalog
{
    const string CredentialsEndpoint = "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/credentials";
    const string SignEndpoint = "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/sign";

    internal TimeProvider Clock => _options.Clock;

    /// <summary>Whether what the catalog hands out for a table's files is used.</summary>
    internal bool AsksForAccess => _options.AccessDelegation is not null;

    internal PinnedHosts HostsWith(Uri? store) => new(Config.BaseUri, _options.AllowedHosts, store);

    /// <summary>Fresh grants: by their own endpoint where the catalog lists it, else with the table.</summary>
    internal async Task<IReadOnlyList<StorageGrant>> LoadGrantsAsync(TableIdentifier table, CancellationToken cancellationToken)
    {
        if (Config.Endpoints?.Contains(CredentialsEndpoint) is not true)
        {
            return StorageGrant.Of(await LoadTableAsync(table, cancellationToken));
        }

        var call = new RestCall(HttpMethod.Get, _routes.Credentials(table), $"hand out credentials for table {table}") { Headers = DelegationHeaders() };
        var answer = await _transport.SendAsync(call, cancellationToken);
        var credentials = answer is RestAnswer.Replied { Reply: { IsSuccess: true } reply }
            ? Understand(call, reply, () => RestBodies.ReadCredentials(RestBodies.Parse(reply)))
            : throw Failure(answer, call, table.ToString());
        var grants = credentials.Select(item => new StorageGrant(item.Prefix, item.Config)).Where(grant => grant.Keys is not null).ToList();
        return grants.Count > 0 ? grants : StorageGrant.Of(await LoadTableAsync(table, cancellationToken));
    }

    /// <summary>Signs requests through the catalog, or the signer that it names on a host that may have our proof.</summary>
    internal RemoteSignature SignerOf(TableIdentifier table, StorageGrant grant, PinnedHosts hosts)
    {
        var uri = Config.Endpoints?.Contains(SignEndpoint) is true
            ? _routes.Sign(table)
            : hosts.Own((grant.SignerUri is { } signer ? signer.TrimEnd('/') + "/" : "") + grant.SignerEndpoint, "the signer of requests");
        return async (method, address, region, headers, cancellationToken) =>
        {
            var call = new RestCall(HttpMethod.Post, uri, $"sign a request for the files of table {table}")
            {
                Body = RestBodies.Sign(method, address, region, headers, grant.Properties),
            };
            var answer = await _transport.SendAsync(call, cancellationToken);
            return answer is RestAnswer.Replied { Reply: { IsSuccess: true } reply }
                ? Understand(call, reply, () => ReadSigned(address, RestBodies.Parse(reply)))
                : throw Failure(answer, call, table.ToString());
        };
    }

    /// <summary>The signer adds headers; a request that it sends elsewhere is not sent.</summary>
    static Dictionary<string, string> ReadSigned(Uri asked, JsonElement json)
    {
        var signed = json.OptionalText("uri");
        if (signed is not null && (!Uri.TryCreate(signed, UriKind.Absolute, out var uri) || uri.Authority != asked.Authority))
        {
            throw new IcebergFormatException("The signer answered with a request to another host.");
        }

        return json.Required("headers").EnumerateObject().ToDictionary(
            header => header.Name,
            header => header.Value.ValueKind is JsonValueKind.Array ? string.Join(',', header.Value.EnumerateArray().Select(value => value.GetString())) : header.Value.GetString() ?? "",
            StringComparer.OrdinalIgnoreCase);
    }
}
