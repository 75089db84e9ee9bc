using System.Net;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// Where a catalog's answers may send us. Our own credentials go only to hosts that the configuration names; keys that the catalog itself handed out may go
/// where it says, but never to a link-local address, where clouds keep the credentials of the machine.
/// </summary>
internal sealed class PinnedHosts(Uri catalog, IReadOnlyList<string> allowed, Uri? store)
{
    /// <summary>For requests that carry our own proof: the catalog's, the configured store's, or a host that was allowed by name.</summary>
    public Uri Own(string address, string what) => Parse(address, what) is var uri && IsNamed(uri) ? uri : throw Refused(uri, what);

    /// <summary>For requests that carry only what the catalog handed out.</summary>
    public Uri Granted(string address, string what) => Parse(address, what) is var uri && (IsNamed(uri) || !IsReserved(uri)) ? uri : throw Refused(uri, what);

    Uri Parse(string address, string what) => Uri.TryCreate(catalog.AbsoluteUri.TrimEnd('/') + "/", UriKind.Absolute, out var root)
        && Uri.TryCreate(root, address, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? uri
            : throw new CatalogConfigurationException($"The catalog at {catalog} names '{CatalogError.OneLine(address)}' as {what}, which is no http(s) address.");

    bool IsNamed(Uri uri) => (uri.Host == catalog.Host && (uri.Scheme == catalog.Scheme || uri.Scheme == Uri.UriSchemeHttps))
        || (store is not null && uri.Host == store.Host && (uri.Scheme == store.Scheme || uri.Scheme == Uri.UriSchemeHttps))
        || allowed.Contains(uri.Host, StringComparer.OrdinalIgnoreCase);

    static bool IsReserved(Uri uri)
    {
        if (uri.Host is "metadata.google.internal")
        {
            return true;
        }

        if (!IPAddress.TryParse(uri.Host.Trim('[', ']'), out var parsed))
        {
            return uri.IsLoopback;
        }

        var address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            || address.GetAddressBytes() is [169, 254, ..] || address.Equals(IPAddress.Parse("fd00:ec2::254"));
    }

    CatalogConfigurationException Refused(Uri uri, string what) => new(
        $"The catalog at {catalog} names {uri.GetLeftPart(UriPartial.Authority)} as {what}, a host that is not allowed. Add '{uri.Host}' to lake.catalog.allowed_hosts if it is right.");
}
