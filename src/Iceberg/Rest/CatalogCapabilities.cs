using System.Globalization;

namespace Philotes.Iceberg.Rest;

/// <summary>What a catalog says that it can do, and what it granted with one table. Null: it lists nothing, so only trying tells.</summary>
/// <param name="Endpoints">How many it lists.</param>
/// <param name="TransactionCommits">Commits of several tables at once.</param>
/// <param name="IdempotencyKeys">How long it remembers a key.</param>
/// <param name="Access">How it gives access to a table's files: keys, signing, or nothing.</param>
public sealed record CatalogCapabilities(
    string? Prefix, string NamespaceSeparator, int? Endpoints, bool? TransactionCommits, bool? TableHeads, bool? CredentialsEndpoint, bool? Register, TimeSpan? IdempotencyKeys, string Access, bool ETags)
{
    public static CatalogCapabilities Of(CatalogConfig config, LoadedTable table)
    {
        var grants = StorageGrant.Of(table);
        return new CatalogCapabilities(
            config.Prefix,
            config.NamespaceSeparator,
            config.Endpoints?.Count,
            config.Endpoints?.Contains("POST /v1/{prefix}/transactions/commit"),
            config.Endpoints?.Contains("HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}"),
            config.Endpoints?.Contains("GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/credentials"),
            config.Endpoints?.Contains("POST /v1/{prefix}/namespaces/{namespace}/register"),
            config.IdempotencyKeyLifetime,
            grants[0].Keys is not null ? grants[0].Prefix.Length > 0 ? "keys by prefix" : "keys" : grants[0].OffersSigning ? "remote signing" : "none",
            table.ETag is not null);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"prefix {Prefix ?? "none"}, namespace separator {string.Concat(System.Text.Encoding.UTF8.GetBytes(NamespaceSeparator).Select(b => $"%{b:X2}"))}, endpoints {(Endpoints is { } count ? $"{count} listed" : "not listed")}, commits of several tables {Said(TransactionCommits)}, HEAD of tables {Said(TableHeads)}, register {Said(Register)}, credentials endpoint {Said(CredentialsEndpoint)}, idempotency keys {(IdempotencyKeys is { } lifetime ? $"kept for {lifetime}" : "not advertised")}, ETags {(ETags ? "sent" : "not sent")}, access to files granted: {Access}");

    static string Said(bool? listed) => listed switch { true => "listed", false => "not listed", null => "to be tried" };
}
