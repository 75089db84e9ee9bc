namespace Philotes.Iceberg.Storage.S3;

/// <summary>What signs requests to a store.</summary>
/// <param name="SessionToken">Null for keys that do not end.</param>
public sealed record S3Keys(string AccessKey, string SecretKey, string? SessionToken = null)
{
    // A record prints its members; keys must never reach a log.
    public override string ToString() => "S3 keys";
}
