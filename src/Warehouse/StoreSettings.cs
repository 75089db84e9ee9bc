using System.Diagnostics;
using Philotes.Hosting;
using Philotes.Iceberg.Storage.S3;

namespace Philotes.Warehouse;

/// <summary>From the keys of <c>lake.store</c> to the options of a store.</summary>
public static class StoreSettings
{
    public static S3Options S3(LakeStoreOptions store) => new()
    {
        Endpoint = store.Endpoint,
        Region = store.Region,
        PathStyle = store.PathStyle switch { AutoSwitch.On => true, AutoSwitch.Off => false, _ => null },
        Keys = Keys(store.AccessKey, store.SecretKey, store.SessionToken),
        Profile = store.Profile,
        RoleArn = store.RoleArn,
        ExternalId = store.ExternalId,
        Encryption = store.Encryption switch
        {
            StoreEncryption.None => S3Encryption.None,
            StoreEncryption.SseS3 => S3Encryption.SseS3,
            StoreEncryption.SseKms => S3Encryption.SseKms,
            _ => throw new UnreachableException(),
        },
        KmsKey = store.KmsKey,
        Checksums = store.Checksums switch
        {
            StoreChecksums.Auto => S3Checksums.Auto,
            StoreChecksums.WhenSupported => S3Checksums.WhenSupported,
            StoreChecksums.WhenRequired => S3Checksums.WhenRequired,
            _ => throw new UnreachableException(),
        },
        PartBytes = store.PartBytes.Bytes,
        PartsAtOnce = store.PartsAtOnce,
        Retries = store.Retries,
        Timeout = store.Timeout,
        RootCertificate = store.RootCertificate,
    };

    internal static Func<S3Keys>? Keys(string? accessKey, Secret? secretKey, Secret? sessionToken) =>
        accessKey is null ? null : () => new S3Keys(accessKey, secretKey!.Reveal(), sessionToken?.Reveal());
}
