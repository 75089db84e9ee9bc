namespace Philotes.Iceberg.Rest;

// The paths of the REST catalog specification, and the three places where catalogs differ in how a name becomes part of a path:
//
//   prefix      absent, one segment, several segments (Glue: catalogs/123), or one segment that is encoded already (S3 Tables: an ARN).
//               If decoding changes it, it is one encoded segment and stays; else it is split at '/' and each segment is encoded.
//   namespace   each level is percent-encoded, then joined with the configured separator, encoded; 0x1F (%1F) unless the catalog says otherwise.
//               In the query parameter "parent" the levels are joined with the plain separator and the whole is encoded once.
//   table       percent-encoded; '.' and '..' would be eaten as relative path segments by clients and proxies, so their dots are encoded too.
//
// A space is %20, never '+'. The URIs are built without .NET's canonicalisation, which would decode %2E and collapse dot segments.
internal sealed class RestRoutes(Uri baseUri, string? prefix, string namespaceSeparator)
{
    readonly string _root = baseUri.AbsoluteUri.TrimEnd('/') + "/v1/";
    readonly string _prefix = EncodePrefix(prefix);
    readonly string _separator = EncodeAll(namespaceSeparator);

    public static Uri Config(Uri baseUri, string? warehouse) =>
        Raw(baseUri.AbsoluteUri.TrimEnd('/') + "/v1/config" + (warehouse is null ? "" : "?warehouse=" + Uri.EscapeDataString(warehouse)));

    public Uri Namespaces(NamespaceName? parent = null, string? pageToken = null) =>
        Raw(_root + _prefix + "namespaces" + Query(("parent", parent is null ? null : string.Join(namespaceSeparator, parent.Levels)), ("pageToken", pageToken)));

    public Uri Namespace(NamespaceName name) => Raw(NamespacePath(name));

    public Uri Tables(NamespaceName name, string? pageToken = null) => Raw(NamespacePath(name) + "/tables" + Query(("pageToken", pageToken)));

    public Uri Table(TableIdentifier table) => Raw(TablePath(table));

    public Uri TableToDrop(TableIdentifier table, string purge) => Raw(TablePath(table) + "?purgeRequested=" + purge);

    public Uri Credentials(TableIdentifier table) => Raw(TablePath(table) + "/credentials");

    public Uri Sign(TableIdentifier table) => Raw(TablePath(table) + "/sign");

    public Uri Transaction() => Raw(_root + _prefix + "transactions/commit");

    string NamespacePath(NamespaceName name) => _root + _prefix + "namespaces/" + string.Join(_separator, name.Levels.Select(EncodeSegment));

    string TablePath(TableIdentifier table) => NamespacePath(table.Namespace) + "/tables/" + EncodeSegment(table.Name);

    static string EncodePrefix(string? prefix)
    {
        var trimmed = prefix?.Trim('/');
        if (string.IsNullOrEmpty(trimmed))
        {
            return "";
        }

        var encodedAlready = Uri.UnescapeDataString(trimmed) != trimmed;
        return encodedAlready ? trimmed + "/" : string.Concat(trimmed.Split('/').Select(segment => EncodeSegment(segment) + "/"));
    }

    static string EncodeSegment(string segment) => segment is "." or ".." ? segment.Replace(".", "%2E", StringComparison.Ordinal) : Uri.EscapeDataString(segment);

    /// <summary>Encodes even what needs no encoding: a catalog that asks for %2E gets %2E.</summary>
    static string EncodeAll(string text) => string.Concat(System.Text.Encoding.UTF8.GetBytes(text).Select(b => $"%{b:X2}"));

    static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = "";
        foreach (var (name, value) in parameters)
        {
            query += value is null ? "" : $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
        }

        return query;
    }

    static Uri Raw(string uri) => new(uri, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
