using System.Globalization;
using Philotes.Iceberg.Storage.S3;

namespace Philotes.Iceberg.Rest;

/// <summary>What a catalog says about reaching a table's files, in the properties that Iceberg's S3FileIO names.</summary>
/// <param name="Prefix">For the files whose URI begins so; empty: for all of the table's.</param>
internal sealed record StorageGrant(string Prefix, IReadOnlyDictionary<string, string> Properties)
{
    const string AccessKey = "s3.access-key-id";
    const string SecretKey = "s3.secret-access-key";

    /// <summary>Null when it hands out no keys: some catalogs send entries without any.</summary>
    public S3Keys? Keys => Text(AccessKey) is { } access && Text(SecretKey) is { } secret ? new S3Keys(access, secret, Text("s3.session-token")) : null;

    public DateTimeOffset? Ends => long.TryParse(Text("s3.session-token-expires-at-ms"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
        : null;

    public string? Region => Text("client.region") ?? Text("s3.region");

    public string? Endpoint => Text("s3.endpoint");

    public bool? PathStyle => bool.TryParse(Text("s3.path-style-access"), out var style) ? style : null;

    public bool OffersSigning => Text("s3.remote-signing-enabled") is "true" || Text("s3.signer.uri") is not null || Text("s3.signer.endpoint") is not null;

    /// <summary>Where requests are signed: absolute, or relative to the catalog.</summary>
    public string SignerEndpoint => Text("s3.signer.endpoint") ?? "v1/aws/s3/sign";

    public string? SignerUri => Text("s3.signer.uri");

    /// <summary>Those with keys in <c>storage-credentials</c>, the longest prefix first; else the table's config.</summary>
    public static IReadOnlyList<StorageGrant> Of(LoadedTable table)
    {
        var grants = table.StorageCredentials.Select(credential => new StorageGrant(credential.Prefix, Over(table.Config, credential.Config)))
            .Where(grant => grant.Keys is not null)
            .OrderByDescending(grant => grant.Prefix.Length)
            .ToList();
        return grants.Count > 0 ? grants : [new StorageGrant("", table.Config)];
    }

    public override string ToString() => $"grant for {(Prefix.Length == 0 ? "the table" : Prefix)}";

    static Dictionary<string, string> Over(IReadOnlyDictionary<string, string> config, IReadOnlyDictionary<string, string> credential)
    {
        var merged = new Dictionary<string, string>(config, StringComparer.Ordinal);
        foreach (var (key, value) in credential)
        {
            merged[key] = value;
        }

        return merged;
    }

    string? Text(string key) => Properties.GetValueOrDefault(key) is { Length: > 0 } text ? text : null;
}
