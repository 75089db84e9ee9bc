namespace Philotes.Iceberg.Storage;

/// <summary>
/// The paths of <c>file:</c> URIs as Iceberg's implementations read them: what follows the scheme is the path, character by character.
/// A percent sign is a percent sign, so a partition folder <c>name=a%2Fb</c> is called just that on disk; <see cref="Uri"/> would decode it.
/// </summary>
public static class FileUri
{
    private const string Scheme = "file:";

    /// <summary>The URI of an absolute path.</summary>
    public static string FromPath(string path) => "file://" + Path.GetFullPath(path);

    /// <summary>The path of <c>file:///path</c> or <c>file:/path</c>.</summary>
    /// <exception cref="ObjectStoreException">Another scheme, a host, a relative path, a step upwards or a NUL.</exception>
    public static string ToPath(string uri)
    {
        var path = uri.StartsWith(Scheme, StringComparison.Ordinal) ? uri[Scheme.Length..] : throw Invalid(uri, "it does not begin with file:");
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            path = path[2..];
        }

        if (!path.StartsWith('/') || path.StartsWith("//", StringComparison.Ordinal))
        {
            throw Invalid(uri, "it names a host or a relative path; a local file is file:///path");
        }

        if (path.Contains('\0') || path.Split('/').Any(step => step is "." or "..") || path.EndsWith('/'))
        {
            throw Invalid(uri, "a name must not hold NUL, the steps . and .., or end in /");
        }

        return path;
    }

    private static ObjectStoreException Invalid(string uri, string why) =>
        new(ObjectStoreFailure.InvalidName, uri, $"'{uri}' is not the URI of a local file: {why}.");
}
