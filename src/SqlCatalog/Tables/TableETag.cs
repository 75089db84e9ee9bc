using System.Security.Cryptography;
using System.Text;

namespace Philotes.SqlCatalog.Tables;

/// <summary>
/// The ETag of a table's state. A metadata file never changes, so its location stands for its content; replies with fewer
/// snapshots are another representation and have another tag.
/// </summary>
internal static class TableETag
{
    public static string Of(string location, bool refsOnly) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes((refsOnly ? "refs " : "all ") + location)).AsSpan(0, 16))}\"";

    /// <summary>Whether the header names the tag, among others or weakly; a star matches whatever is there.</summary>
    public static bool Matches(string? header, string etag) =>
        header is not null && header.Split(',', StringSplitOptions.TrimEntries).Any(t => t == "*" || t == etag || t == "W/" + etag || t == etag.Trim('"'));
}
