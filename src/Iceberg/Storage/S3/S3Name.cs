namespace Philotes.Iceberg.Storage.S3;

/// <summary>Bucket and key of <c>s3://bucket/key</c>. The key is what follows, character by character: nothing is decoded. s3a and s3n are the same store by older names.</summary>
internal readonly record struct S3Name(string Bucket, string Key)
{
    private const int KeyBytesMax = 1024;

    public static bool IsScheme(string scheme) => scheme is "s3" or "s3a" or "s3n";

    /// <exception cref="ObjectStoreException">Not an object's name, or one that some stores change: an empty step is collapsed or refused by half of them.</exception>
    public static S3Name Parse(string uri)
    {
        var start = uri.IndexOf("://", StringComparison.Ordinal);
        var rest = start > 0 && IsScheme(uri[..start]) ? uri[(start + 3)..] : throw Invalid(uri, "it does not begin with s3://");
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == rest.Length - 1)
        {
            throw Invalid(uri, "it has no bucket or no key; an object is s3://bucket/key");
        }

        var name = new S3Name(rest[..slash], rest[(slash + 1)..]);
        return name switch
        {
            { Key: var key } when key.Split('/').Any(step => step is "" or "." or "..") => throw Invalid(uri, "its key has an empty step, or the steps . or .."),
            { Key: var key } when key.Any(char.IsControl) => throw Invalid(uri, "its key has control characters"),
            { Key: var key } when System.Text.Encoding.UTF8.GetByteCount(key) > KeyBytesMax => throw Invalid(uri, $"its key is longer than {KeyBytesMax} bytes"),
            { Bucket: var bucket } when !bucket.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') => throw Invalid(uri, "its bucket is no bucket's name"),
            _ => name,
        };
    }

    private static ObjectStoreException Invalid(string uri, string why) =>
        new(ObjectStoreFailure.InvalidName, uri, $"'{uri}' is not the URI of an S3 object: {why}.");
}
