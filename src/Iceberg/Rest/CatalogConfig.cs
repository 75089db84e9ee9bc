using System.Xml;

namespace Philotes.Iceberg.Rest;

/// <summary>What a catalog says of itself: its defaults under our options, its overrides above them.</summary>
/// <param name="Properties">Defaults, then overrides.</param>
/// <param name="Prefix">Null when paths have none.</param>
/// <param name="NamespaceSeparator">Decoded: what stands between the levels of a namespace before encoding.</param>
/// <param name="Endpoints">As <c>POST /v1/{prefix}/transactions/commit</c>; null when the catalog does not list them.</param>
/// <param name="IdempotencyKeyLifetime">Null when the catalog does not advertise idempotency keys.</param>
public sealed record CatalogConfig(
    Uri BaseUri,
    IReadOnlyDictionary<string, string> Properties,
    string? Prefix,
    string NamespaceSeparator,
    IReadOnlySet<string>? Endpoints,
    TimeSpan? IdempotencyKeyLifetime)
{
    public const string DefaultSeparator = "\u001F";

    /// <summary>True when listed, or when the catalog lists nothing and so must be asked.</summary>
    public bool MaySupport(string endpoint) => Endpoints is null || Endpoints.Contains(endpoint);

    internal static TimeSpan? ParseLifetime(string? iso8601)
    {
        try
        {
            return iso8601 is null ? null : XmlConvert.ToTimeSpan(iso8601);
        }
        catch (FormatException)
        {
            return null;        // unreadable is unadvertised: keys are an extra, not what exactly-once rests on
        }
    }
}
