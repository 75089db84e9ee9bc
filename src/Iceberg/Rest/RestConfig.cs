using System.Text.Json;
using Philotes.Iceberg.Metadata;

namespace Philotes.Iceberg.Rest;

/// <summary>Reads the configuration reply: defaults, then our options, then overrides; the highest one present counts.</summary>
internal static class RestConfig
{
    public static CatalogConfig Read(RestCatalogOptions options, RestAnswer answer, string operation)
    {
        if (answer is not RestAnswer.Replied { Reply: { IsSuccess: true } reply })
        {
            throw RestErrors.ToException(answer, operation, "v1/config", options.Uri);
        }

        try
        {
            return Read(options, RestBodies.Parse(reply));
        }
        catch (IcebergFormatException unreadable)
        {
            throw new CatalogUnreachableException(operation, options.Uri, unreadable.Message, reply.Status, retryAfter: null, unreadable);
        }
    }

    static CatalogConfig Read(RestCatalogOptions options, JsonElement json)
    {
        var defaults = json.TextMap("defaults");
        var overrides = json.TextMap("overrides");
        var properties = new Dictionary<string, string>(defaults, StringComparer.Ordinal);
        foreach (var (key, value) in overrides)
        {
            properties[key] = value;
        }

        return new CatalogConfig(
            BaseUri(options, overrides.GetValueOrDefault("uri")),
            properties,
            overrides.GetValueOrDefault("prefix") ?? options.Prefix ?? defaults.GetValueOrDefault("prefix"),
            Uri.UnescapeDataString(properties.GetValueOrDefault("namespace-separator") ?? CatalogConfig.DefaultSeparator),
            json.Optional("endpoints") is null ? null : json.Items("endpoints").Select(item => item.GetString() ?? "").ToHashSet(StringComparer.Ordinal),
            CatalogConfig.ParseLifetime(json.OptionalText("idempotency-key-lifetime")));
    }

    /// <summary>The catalog may move us, but not to a host that nobody listed: the token goes where the requests go.</summary>
    static Uri BaseUri(RestCatalogOptions options, string? moved)
    {
        if (string.IsNullOrEmpty(moved))
        {
            return options.Uri;
        }

        var target = Uri.TryCreate(options.Uri, moved, out var parsed) && parsed.Scheme is "http" or "https"
            ? parsed
            : throw new CatalogConfigurationException($"The catalog at {options.Uri} says its own address is '{CatalogError.OneLine(moved)}', which is no http(s) address.");
        var known = target.Host == options.Uri.Host || options.AllowedHosts.Contains(target.Host, StringComparer.OrdinalIgnoreCase);
        return known && (target.Scheme == options.Uri.Scheme || target.Scheme == Uri.UriSchemeHttps)
            ? target
            : throw new CatalogConfigurationException(
                $"The catalog at {options.Uri} says to continue at {target}, a host that is not allowed. Use that address, or allow the host '{target.Host}'.");
    }
}
