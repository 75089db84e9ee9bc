using Amazon.Runtime;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>Keys of the configuration, read at each signature: a rotated secret holds from the next request on.</summary>
internal sealed class ConfiguredKeys(Func<S3Keys> read) : AWSCredentials
{
    public override ImmutableCredentials GetCredentials()
    {
        var keys = read();
        return new ImmutableCredentials(keys.AccessKey, keys.SecretKey, keys.SessionToken);
    }
}
